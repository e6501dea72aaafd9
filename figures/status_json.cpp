#include "figures/status_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "figures/families.hpp"
#include "figures/health.hpp"
#include "figures/summary_digest.hpp"

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
  std::int64_t count = 0;
  to.Key("buckets");  // Upper bound in seconds, count; those with any.
  to.StartArray();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    count += counts[i];
    to.StartArray();
    to.Double(static_cast<double>(core::latency_figure::upper_bound(i)) * 1e-6);
    to.Int64(counts[i]);
    to.EndArray();
  }
  to.EndArray();
  to.Key("count");
  to.Int64(count);
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
      const bool is_reason = row.family == &families::errors;
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

void write_raw(writer& to, const std::string& json) {
  to.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

template <typename Value>
void write_column(writer& to, std::string_view name, const history& past, Value value) {
  write_key(to, name);
  to.StartArray();
  for (const auto& sample : past.samples())
    if (const std::optional<std::int64_t> one = value(sample))
      to.Int64(*one);
    else
      to.Null();
  to.EndArray();
}

/// Totals, column by column; of reasons those that occurred.
void write_history(writer& to, const history& past) {
  using sample = history::sample;
  to.StartObject();
  write_column(to, "at_ms", past, [](const sample& one) { return one.at_ms; });
  write_column(to, "processed", past, [](const sample& one) { return one.processed; });
  write_column(to, "filtered", past, [](const sample& one) { return one.filtered; });
  write_column(to, "failed", past, [](const sample& one) { return one.failed; });
  write_column(to, "lag_records", past, [](const sample& one) { return one.lag; });
  to.Key("reasons");
  to.StartObject();
  for (std::size_t i = 0; i < core::reason_count && !past.samples().empty(); ++i)
    if (past.samples().back().by_reason[i] > 0)
      write_column(to, core::reason_names[i], past,
                   [i](const sample& one) { return one.by_reason[i]; });
  to.EndObject();
  to.EndObject();
}

/// What is asked of the worker as a whole.
void write_worker(writer& to, const registry& figures, const exposition& how, const moment& at) {
  to.Key("time_ms");
  to.Int64(at.wall_ms);
  to.Key("phase");
  write(to, core::worker_phase_names.at(static_cast<std::size_t>(figures.worker->phase.get())));
  to.Key("leaders_silent_s");
  if (const auto told_ms = figures.leaders_told_ms())
    to.Double(static_cast<double>(at.steady_ms - *told_ms) * 1e-3);
  else
    to.Null();
  if (!how.about.empty()) {
    to.Key("about");
    write_raw(to, how.about);
  }
  to.Key("last_summary");
  const auto summary = figures.summary->last.get();
  write_raw(to, summary ? summary_digest(summary->outputs.front().value) : "null");
}

}  // namespace

std::string status_json(const registry& figures, const exposition& how, const history* past) {
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
  write_worker(to, figures, how, at);
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
  if (past != nullptr) {
    to.Key("history");
    write_history(to, *past);
  }
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace turnstile::figures
