#include "audit/statement/statement.hpp"

#include <algorithm>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/own_headers.hpp"

namespace turnstile::audit {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(json_writer& to, std::string_view text) {
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_text(json_writer& to, const char* name, std::string_view text) {
  to.Key(name);
  write(to, text);
}

void write_count(json_writer& to, std::string_view name, std::int64_t count) {
  to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  to.Int64(count);
}

/// Ids as a key ring has them.
bool is_key_id(std::string_view id) {
  constexpr std::size_t bytes_max = 32;
  return !id.empty() && id.size() <= bytes_max &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

void write_topics(json_writer& to, const std::vector<topic_span>& topics) {
  to.Key("topics");
  to.StartObject();
  for (const auto& span : topics) {
    to.Key(span.role.c_str());
    to.StartObject();
    write_text(to, "topic", span.topic);
    to.Key("partitions");
    to.StartArray();
    for (const auto& partition : span.partitions) {
      to.StartArray();
      to.Int(partition.partition);
      to.Int64(partition.begin);
      to.Int64(partition.end);
      to.EndArray();
    }
    to.EndArray();
    to.EndObject();
  }
  to.EndObject();
}

void write_keys(json_writer& to, const key_counts& keys) {
  to.Key("keys");
  to.StartObject();
  for (const auto& [id, count] : keys.by_id()) write_count(to, id, count);
  to.EndObject();
  write_count(to, "outputs_without_key_id", keys.without());
}

void write_values(json_writer& to, const std::optional<value_counts>& values) {
  to.Key("values");
  if (!values) {
    to.Null();
    return;
  }
  to.StartObject();
  write_count(to, "inputs", values->inputs);
  write_count(to, "looked_for", values->looked_for);
  write_count(to, "found", values->found);
  write_count(to, "too_short", values->too_short);
  write_count(to, "too_common", values->too_common);
  to.EndObject();
}

struct omission {
  std::string what;
  std::optional<std::int64_t> count;
  std::string why;
};

/// Where raw values were looked for, but not everywhere.
void add_of_values(std::vector<omission>& to, const value_counts& values, const reading& read,
                   const core::settings& settings) {
  const auto add = [&to](const char* what, std::int64_t count, const char* why) {
    if (count > 0) to.push_back({what, count, why});
  };
  add("inputs", values.not_kept, "beyond the bounds of one audit");
  add("inputs that are no JSON object", values.no_event,
      "no path can be found in them; their addresses were looked for in error records");
  add("values", values.too_short, "too short to mean something where they stand elsewhere");
  add("values found", values.too_common,
      "too common, and the input has them in a place that is kept too");
  add("contents of error records", read.sealed, "sealed: only the holder of the key opens them");
  add("error records", read.raw_errors, "errors.content is raw: personal data is to be there");
  if (settings.errors.unknown == core::unknown_fields::keep)
    to.push_back({"addresses in unknown fields of error records", {}, "errors.unknown keeps them"});
  to.push_back({"places that no rule treats", {}, "the rules keep what is there"});
  to.push_back({"summaries", {}, "their counts were compared, not looked into for values"});
}

std::vector<omission> omissions(const audit_report& report, const reading& read,
                                const core::settings& settings) {
  std::vector<omission> out;
  if (read.values)
    add_of_values(out, *read.values, read, settings);
  else
    out.push_back({"raw values", {}, "--values was not given"});
  for (const auto& topic : report.missing_topics)
    out.push_back({"topic " + topic, {}, "there is none"});
  if (report.counts.unknown > 0)
    out.push_back({"inputs", report.counts.unknown, "what would tell of them is gone"});
  if (report.group.empty()) out.push_back({"committed offsets", {}, "no group was named"});
  if (report.stopped_early) out.push_back({"what was not read", {}, "it was interrupted"});
  return out;
}

void write_omissions(json_writer& to, const std::vector<omission>& list) {
  to.Key("not_looked_at");
  to.StartArray();
  for (const auto& one : list) {
    to.StartObject();
    write_text(to, "what", one.what);
    if (one.count) write_count(to, "count", *one.count);
    write_text(to, "why", one.why);
    to.EndObject();
  }
  to.EndArray();
}

bool treats(const core::method_rule& rule) { return rule.method != core::field_method::keep; }

}  // namespace

void key_counts::add(const core::record_view& output) {
  const auto found =
      std::ranges::find(output.headers, core::key_id_header, &core::header_view::name);
  if (found == output.headers.end()) {
    ++without_;
    return;
  }
  const std::string_view id = found->value.value_or("");
  const auto known = by_id_.find(std::string(id));
  if (known != by_id_.end())
    ++known->second;
  else
    ++by_id_[is_key_id(id) && by_id_.size() < ids_max ? std::string(id) : "(other)"];
}

std::vector<std::string> treated_places(const core::event_rules& rules) {
  std::vector<std::string> places;
  for (const auto& field : rules.fields)
    if (treats(field.method)) places.push_back(field.path);
  if (treats(rules.key)) places.emplace_back("key");
  for (const auto& header : rules.headers)
    if (treats(header.method)) places.push_back("headers." + header.name);
  if (treats(rules.other_headers)) places.emplace_back("headers");
  return places;
}

std::string to_statement(const statement_origin& origin, const audit_report& report,
                         const reading& read, const core::settings& settings) {
  rapidjson::StringBuffer buffer;
  json_writer to{buffer};
  to.StartObject();
  write_count(to, "schema", statement_schema);
  write_text(to, "program", origin.program);
  write_text(to, "time", origin.time);
  write_text(to, "verdict", name_of(report.verdict()));
  write_text(to, "rules_sha256", origin.rules_sha256);
  to.Key("treated");
  to.StartArray();
  for (const auto& place : treated_places(settings.event)) write(to, place);
  to.EndArray();
  write_topics(to, read.topics);
  write_keys(to, read.keys);
  write_values(to, read.values);
  write_omissions(to, omissions(report, read, settings));
  const std::string audit = to_json(report);
  to.Key("audit");
  to.RawValue(audit.data(), audit.size(), rapidjson::kObjectType);
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace turnstile::audit
