#include "model.hpp"

#include <stdexcept>

#include "event/presets.hpp"

namespace turnstile::audit::testing {

namespace {

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
  std::string text;
  std::map<std::string, std::string> groups{{"device_type_counts", ""}, {"locale_counts", ""}};
  for (const auto& [name, count] : counts) {
    const auto slash = name.find('/');
    std::string& to = slash == std::string::npos ? text : groups[name.substr(0, slash)];
    if (!to.empty()) to += ',';
    to += "\"" + name.substr(slash == std::string::npos ? 0 : slash + 1) +
          "\":" + std::to_string(count);
  }
  for (const auto& [name, values] : groups) text += ",\"" + name + "\":{" + values + "}";
  return text;
}

using counts = std::map<std::string, std::int64_t>;

void count(counts& to, fate where, std::int64_t offset) {
  ++to["received_count"];
  if (where == fate::error) ++to["error_count"];
  if (where == fate::cleaned) ++to["filtered_record_count"];
  if (where != fate::processed) return;
  ++to["processed_count"];
  ++to[offset % 2 == 0 ? "device_type_counts/iOS" : "device_type_counts/android"];
  ++to[offset % 3 == 0 ? "locale_counts/KS" : "locale_counts/NM"];
}

counts empty_counts() {
  return {{"processed_count", 0},
          {"filtered_record_count", 0},
          {"error_count", 0},
          {"received_count", 0}};
}

/// As one worker would that reads one partition after the other.
std::vector<model_summary> summaries_of_good() {
  std::vector<model_summary> made;
  model_summary next{.sequence = 1, .total = empty_counts(), .window = empty_counts()};
  const auto publish = [&] {
    made.push_back(next);
    ++next.sequence;
    next.window = empty_counts();
    next.covers.clear();
  };
  for (std::int32_t p = 0; p < partitions; ++p) {
    for (std::int64_t offset = first_offset; offset < last_end; ++offset) {
      const fate where = fate_of(offset);
      count(next.total, where, offset);
      count(next.window, where, offset);
      append_range(next.covers[p], {offset, offset + 1});
      if (where == fate::processed && next.total["processed_count"] % every == 0) publish();
    }
  }
  publish();
  return made;
}

void settle(auditor& audited, const model& from) {
  for (std::int32_t p = 0; p < partitions; ++p) {
    const auto removed = from.removed_below.find(p);
    if (removed != from.removed_below.end()) audited.settle_removed(p, removed->second);
    for (const auto& range : audited.open_ranges(p, last_end, 5)) {
      for (std::int64_t offset = range.low; offset < range.high; ++offset) {
        if (from.no_records.contains({p, offset})) {
          audited.settle_gap(p, {offset, offset + 1});
        } else {
          audited.settle_record(p, offset);
        }
      }
    }
  }
}

void feed(auditor& audited, const model& from) {
  for (const auto& [where, partition] : from.begin_late) audited.set_begins_late(where, partition);
  for (const auto& [where, partition] : from.end_early) audited.set_ends_early(where, partition);
  for (const fate where : from.compacted) audited.set_compacted(where);
  for (const auto p : from.remade) {
    input_times times{{from.starts.at(p), last_end}};
    for (auto offset = from.starts.at(p); offset < last_end; ++offset) {
      if (!from.no_records.contains({p, offset})) times.add(offset, time_of(offset));
    }
    audited.set_remade(p, std::move(times));
  }
  std::int64_t number = 0;
  for (const auto& output : from.outputs) {
    std::vector<core::header_view> headers;
    for (const auto& [name, value] : output.headers) headers.push_back({name, value});
    audited.add_output({output.where, output.partition, number++, "key", headers});
  }
}

}  // namespace

std::string model_summary::text() const {
  if (!value.empty()) return value;
  std::string covered;
  for (const auto& [partition, ranges] : covers) {
    covered += (covered.empty() ? "\"" : ",\"") + std::to_string(partition) + "\":[";
    for (std::size_t r = 0; r < ranges.size(); ++r) {
      covered += (r == 0 ? "[" : ",[") + std::to_string(ranges[r].low) + "," +
                 std::to_string(ranges[r].high) + "]";
    }
    covered += "]";
  }
  return "{" + counts_text(total) + ",\"worker\":\"" + worker +
         "\",\"sequence\":" + std::to_string(sequence) +
         (multiples > 1 ? ",\"multiples\":" + std::to_string(multiples) : "") + ",\"window\":{" +
         counts_text(window) + "},\"covers\":{\"user-login\":{" + covered + "}}}";
}

fate fate_of(std::int64_t offset) {
  if (offset % 7 == 0) return fate::cleaned;
  return offset % 5 == 0 ? fate::error : fate::processed;
}

std::int64_t time_of(std::int64_t offset) { return 1'000'000 + offset; }

model_output output_of(std::int32_t partition, std::int64_t offset) {
  model_output made{.where = fate_of(offset), .partition = partition, .source = offset};
  made.headers = {{"trace", "x"},
                  {"turnstile-origin",
                   "user-login/" + std::to_string(partition) + "/" + std::to_string(offset)},
                  {"turnstile-origin-timestamp", std::to_string(time_of(offset))}};
  if (made.where == fate::error) made.headers.emplace_back("turnstile-reason", "missing_fields");
  return made;
}

model good() {
  model made;
  for (std::int32_t p = 0; p < partitions; ++p) {
    for (std::int64_t offset = first_offset; offset < last_end; ++offset) {
      made.outputs.push_back(output_of(p, offset));
    }
    made.committed[p] = last_end;
    made.starts[p] = first_offset;
  }
  made.summaries = summaries_of_good();
  return made;
}

std::size_t model::find(fate where, std::size_t nth) const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].where == where && outputs[i].partition == 1 && nth-- == 0) return i;
  }
  throw std::logic_error("no such output in the model");
}

void model::remove_header(fate where, const std::string& name) {
  const auto found = std::erase_if(at(where).headers,
                                   [&name](const auto& header) { return header.first == name; });
  if (found != 1) throw std::logic_error("the plant changed nothing");
}

void model::set_header(fate where, const std::string& name, const std::string& value) {
  remove_header(where, name);
  at(where).headers.emplace_back(name, value);
}

audit_report model::report() const {
  auditor audited{
      {"user-login", layout, every, stopped, event::counted_fields(event::login_rules())},
      {starts.at(0), starts.at(1), starts.at(2)}};
  for (std::int32_t p = 0; p < partitions; ++p) {
    audited.extend(p, last_end, last_end);
    if (!with_group) continue;
    const auto found = committed.find(p);
    audited.set_due_end(p, found == committed.end() ? 0 : found->second);
  }
  feed(audited, *this);
  settle(audited, *this);
  summary_audit told{audited};
  if (summaries_begin_late) told.set_begins_late();
  std::int64_t number = 0;
  for (const auto& summary : summaries) told.add(0, number++, summary.key, summary.text());
  const auto figures = told.finish();
  for (const auto p : begins_with_log) {
    const auto found = committed.find(p);
    audited.settle_before_start(
        p, !with_group || found == committed.end() ? std::nullopt : std::optional{found->second});
  }
  for (std::int32_t p = 0; with_group && p < partitions; ++p) {
    const auto found = committed.find(p);
    audited.check_commit(p, found == committed.end() ? std::nullopt : std::optional{found->second});
  }
  auto made = make_report(audited, figures, committed);
  if (with_group) made.group = "logins";
  return made;
}

}  // namespace turnstile::audit::testing
