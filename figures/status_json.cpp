#include "figures/status_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "figures/health.hpp"

namespace turnstile::figures {

namespace {

using writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(writer& to, std::string_view text) {
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void write_key(writer& to, std::string_view name) {
  to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void write_value(writer& to, const row& row, std::optional<std::int64_t> value) {
  if (!value)
    to.Null();
  else if (row.states != nullptr)
    write(to, row.states->at(static_cast<std::size_t>(*value)));
  else if (row.scale == 1)
    to.Int64(*value);
  else
    to.Double(static_cast<double>(*value) * row.scale);
}

/// In the log's name, or the metric's with its label.
std::string name_of(const row& row) {
  if (!row.log.empty() && row.log_scale == 0) return std::string{row.log};
  std::string name{row.family->name};
  return row.label_value.empty() ? name : name + "_" + std::string{row.label_value};
}

void write_times(writer& to, const row& row, const core::latency_figure& latencies) {
  const auto counts = latencies.read();
  write_key(to, row.family->name);
  to.StartObject();
  for (const auto& [name, q] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
    const auto us = core::latency_figure::quantile(counts, q);
    to.Key(name);
    if (us > 0)
      to.Double(static_cast<double>(us) * 1e-6);
    else
      to.Null();
  }
  to.EndObject();
}

void write_reading(writer& to, const reading& of) {
  to.StartObject();
  to.Key("actor");
  write(to, of.table->actor);
  if (!of.instance.empty()) {
    write_key(to, of.table->instance);
    write(to, of.instance);
  }
  for (std::size_t i = 0; i < of.values.size(); ++i) {
    const auto& row = of.table->rows[i];
    if (of.latencies[i] != nullptr) {
      write_times(to, row, *of.latencies[i]);
    } else if (row.read) {
      const bool is_reason = of.table == &error_router_table();
      write_key(to, is_reason ? std::string{row.label_value} : name_of(row));
      write_value(to, row, of.values[i]);
    }
  }
  to.EndObject();
}

void write_checks(writer& to, const std::vector<health_check>& checks) {
  to.StartArray();
  for (const auto& check : checks) {
    to.StartObject();
    to.Key("name");
    write(to, check.name);
    to.Key("holds");
    to.Bool(check.holds);
    to.Key("why");
    write(to, check.why);
    to.EndObject();
  }
  to.EndArray();
}

}  // namespace

std::string status_json(const registry& figures, const exposition& how) {
  const auto at = now();
  const auto living = liveness(figures, at);
  const auto ready = readiness(figures);
  rapidjson::StringBuffer buffer;
  writer to{buffer};
  to.StartObject();
  to.Key("live");
  to.Bool(all_hold(living));
  to.Key("ready");
  to.Bool(all_hold(ready));
  to.Key("liveness");
  write_checks(to, living);
  to.Key("readiness");
  write_checks(to, ready);
  to.Key("facts");
  to.StartObject();
  for (const auto& fact : how.facts) {
    for (const auto& [name, value] : fact.labels) {
      write_key(to, name);
      write(to, value);
    }
  }
  to.EndObject();
  to.Key("topic");
  write(to, how.topic);
  to.Key("actors");
  to.StartArray();
  for (const auto& one : figures.actors(at, core::read_process_stats())) write_reading(to, one);
  to.EndArray();
  to.Key("partitions");
  to.StartArray();
  for (const auto& one : most_behind(figures.partitions(at), how.partitions_max))
    write_reading(to, one);
  to.EndArray();
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace turnstile::figures
