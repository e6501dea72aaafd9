#include "app/lag/lag_report.hpp"

#include <algorithm>
#include <utility>

#include "app/terminal/terminal.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

std::string count_text(std::int64_t count) { return grouped(static_cast<std::uint64_t>(count)); }

/// What is known of the ends says how far it is; what is not, why.
void measure(lag_row& row, std::int64_t now_ms) {
  const auto& f = row.facts;
  const auto note = [&row](const std::string& text) { core::append_item(row.note, text, "; "); };
  if (!f.trouble.empty()) return note(f.trouble);
  if (f.committed > f.end) return note("committed beyond the end: was the topic made again?");
  std::int64_t from = std::max(f.committed, f.first);
  if (f.committed < 0 && f.end > f.first) note("nothing committed: counted from the first record");
  if (f.committed >= 0 && f.committed < f.first)
    note(count_text(f.first - f.committed) + " removed before they were read");
  if (f.next_offset >= 0) from = std::max(from, f.next_offset);
  row.records = std::max<std::int64_t>(0, f.stable_end - from);
  const auto held_back = f.end - std::max(f.stable_end, f.committed);
  if (held_back > 0) note(count_text(held_back) + " wait for the end of a transaction");
  if (*row.records == 0) {
    row.waits_ms = 0;
  } else if (f.next_timestamp_ms >= 0) {
    row.since_ms = f.next_timestamp_ms;
    row.waits_ms = std::max<std::int64_t>(0, now_ms - f.next_timestamp_ms);
  }
}

}  // namespace

std::string seconds_text(std::int64_t ms) {
  return count_text(ms / 1000) + "." + std::to_string(ms % 1000 / 100);
}

lag_report judge_lag(std::string group, kafka_io::group_picture picture, std::int64_t now_ms) {
  lag_report report{.group = std::move(group),
                    .state = picture.state,
                    .members = picture.members.size(),
                    .now_ms = now_ms};
  for (auto& partition : picture.partitions) {
    lag_row row{.facts = std::move(partition)};
    if (row.facts.owner) row.owner = picture.members[*row.facts.owner];
    measure(row, now_ms);
    report.rows.push_back(std::move(row));
  }
  return report;
}

bool is_unknown_group(const lag_report& report) {
  return report.rows.empty() && report.members == 0 && report.state == kafka_io::group_state::dead;
}

std::int64_t total_records(const lag_report& report) {
  std::int64_t sum = 0;
  for (const auto& row : report.rows) sum += row.records.value_or(0);
  return sum;
}

const lag_row* worst_row(const lag_report& report) {
  const auto worst = std::ranges::max_element(report.rows, {}, [](const lag_row& row) {
    return std::pair{row.waits_ms.value_or(0), row.records.value_or(0)};
  });
  const bool behind = worst != report.rows.end() && worst->records.value_or(0) > 0;
  return behind ? &*worst : nullptr;
}

std::size_t unknown_rows(const lag_report& report) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.rows, [](const lag_row& row) { return !row.records; }));
}

std::vector<std::string> over_limits(const lag_report& report, const lag_limits& limits) {
  std::vector<std::string> over;
  for (const auto& row : report.rows) {
    const std::string place =
        core::printable(row.facts.topic) + "/" + std::to_string(row.facts.partition);
    if ((limits.records || limits.waits_ms) && !row.records) {
      over.push_back(place + " lag is not known: " + row.note);
      continue;
    }
    if (limits.records && *row.records > *limits.records)
      over.push_back(place + " is " + count_text(*row.records) + " records behind, limit " +
                     count_text(*limits.records));
    if (!limits.waits_ms) continue;
    if (!row.waits_ms)
      over.push_back(place + " is behind for a time that is not known");
    else if (*row.waits_ms > *limits.waits_ms)
      over.push_back(place + " is " + seconds_text(*row.waits_ms) + " s behind, limit " +
                     seconds_text(*limits.waits_ms) + " s");
  }
  return over;
}

}  // namespace turnstile::app
