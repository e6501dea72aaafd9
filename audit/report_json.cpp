// The report of an audit as JSON, for programs.

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "audit/report.hpp"

namespace turnstile::audit {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(json_writer& to, std::string_view text) {
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(json_writer& to, std::string_view name) {
  to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void write_count(json_writer& to, std::string_view name, std::int64_t count) {
  write_key(to, name);
  to.Int64(count);
}

void write_counts(json_writer& to, const ledger_counts& counts) {
  write_count(to, "inputs", counts.inputs());
  for (const fate where : output_fates) write_count(to, name_of(where), counts.of(where));
  write_count(to, "missing", counts.missing);
  write_count(to, "repeated", counts.repeated);
  write_count(to, "redriven", counts.redriven);
  write_count(to, "unknown", counts.unknown);
  write_count(to, "waiting", counts.open);
  write_count(to, "no_record", counts.no_record);
}

void write_ranges(json_writer& to, std::string_view name, const range_list& list) {
  write_key(to, std::string{name} + "_ranges");
  to.StartArray();
  for (const auto& range : list.ranges) {
    to.StartArray();
    to.Int64(range.low);
    to.Int64(range.high);
    to.EndArray();
  }
  to.EndArray();
  if (list.left_out > 0) write_count(to, std::string{name} + "_ranges_left_out", list.left_out);
}

void write_keys(json_writer& to, const partition_keys& keys) {
  write_key(to, "keys");
  to.StartArray();
  for (const auto& run : keys.runs) {
    to.StartObject();
    write_key(to, "key");
    if (run.key.empty()) {
      to.Null();
    } else {
      write(to, run.key);
    }
    write_count(to, "from", run.first);
    write_count(to, "to", run.last);
    write_count(to, "outputs", run.outputs);
    to.EndObject();
  }
  to.EndArray();
  if (keys.left_out > 0) write_count(to, "keys_outputs_left_out", keys.left_out);
}

void write_partition(json_writer& to, const partition_report& partition) {
  to.StartObject();
  write_count(to, "partition", partition.partition);
  write_count(to, "begin", partition.range.low);
  write_count(to, "end", partition.range.high);
  write_counts(to, partition.counts);
  write_count(to, "order_breaks", partition.order_breaks);
  write_key(to, "committed");
  if (partition.committed) {
    to.Int64(*partition.committed);
  } else {
    to.Null();
  }
  write_ranges(to, "missing", partition.missing);
  write_ranges(to, "repeated", partition.repeated);
  write_ranges(to, "unknown", partition.unknown);
  write_ranges(to, "waiting", partition.waiting);
  write_ranges(to, "uncovered", partition.uncovered);
  write_count(to, "held", partition.held.size());
  if (partition.keys) write_keys(to, *partition.keys);
  to.EndObject();
}

void write_reasons(json_writer& to, const auditor::reason_counts& reasons) {
  write_key(to, "reasons");
  to.StartObject();
  for (std::size_t r = 0; r < reasons.size(); ++r) {
    if (reasons[r] == 0) continue;
    write_count(to, r < core::reason_count ? core::reason_names[r] : "(other)", reasons[r]);
  }
  to.EndObject();
}

void write_faults(json_writer& to, const fault_list& faults) {
  write_key(to, "faults");
  to.StartObject();
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    if (faults.count(kind) > 0) write_count(to, name_of(kind), faults.count(kind));
  }
  to.EndObject();
  write_key(to, "examples");
  to.StartObject();
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    if (faults.examples(kind).empty()) continue;
    write_key(to, name_of(kind));
    to.StartArray();
    for (const auto& example : faults.examples(kind)) write(to, example);
    to.EndArray();
  }
  to.EndObject();
}

void write_summaries(json_writer& to, const summary_audit::figures& summaries) {
  write_key(to, "summaries");
  to.StartObject();
  write_count(to, "workers", summaries.workers);
  write_count(to, "summaries", summaries.summaries);
  write_count(to, "windows_compared", summaries.windows_compared);
  write_count(to, "windows_not_compared", summaries.windows_not_compared);
  write_count(to, "uncovered", summaries.uncovered);
  write_count(to, "covered_again", summaries.covered_again);
  to.EndObject();
}

}  // namespace

std::string to_json(const audit_report& report) {
  rapidjson::StringBuffer buffer;
  json_writer to{buffer};
  to.StartObject();
  write_count(to, "schema", report_schema);
  write_key(to, "verdict");
  write(to, name_of(report.verdict()));
  write_key(to, "input_topic");
  write(to, report.input_topic);
  write_key(to, "group");
  if (report.group.empty()) {
    to.Null();
  } else {
    write(to, report.group);
  }
  write_key(to, "isolation");
  write(to, report.isolation);
  write_counts(to, report.counts);
  write_count(to, "outputs", report.outputs);
  write_count(to, "repeats", report.repeats);
  write_count(to, "outside", report.outside);
  write_count(to, "removed", report.removed);
  write_count(to, "earlier", report.earlier);
  write_count(to, "order_breaks", report.order_breaks);
  write_key(to, "missing_topics");
  to.StartArray();
  for (const auto& topic : report.missing_topics) write(to, topic);
  to.EndArray();
  if (report.values_compared) write_count(to, "values_compared", *report.values_compared);
  write_reasons(to, report.reasons);
  write_faults(to, report.faults);
  write_summaries(to, report.summaries);
  write_key(to, "partitions");
  to.StartArray();
  for (const auto& partition : report.partitions) write_partition(to, partition);
  to.EndArray();
  write_key(to, "seconds");
  to.Double(report.seconds);
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace turnstile::audit
