#include "core/summary_tally.hpp"

#include <algorithm>

#include "core/quoting.hpp"
#include "core/timestamps.hpp"

namespace turnstile::core {

namespace {

constexpr std::string_view other = "(other)";

void append_count(std::string& to, std::string_view name, std::int64_t count) {
  to.append("\"").append(name).append("\":").append(std::to_string(count));
}

void append_entries(std::string& to, std::string_view name, const value_counts& counts,
                    std::int64_t value_counts::entry::*which) {
  to.append(quoted(name)).append(":{");
  bool first = true;
  for (const auto& [value, entry] : counts.entries()) {
    if (entry.*which == 0) continue;
    if (!first) to += ',';
    first = false;
    to.append(quoted(value)).append(":").append(std::to_string(entry.*which));
  }
  to += '}';
}

/// In both the totals and the window: `"value":123,`
constexpr std::size_t entry_bytes_max(std::size_t quoted_bytes) {
  constexpr std::size_t count_bytes_max = 19;
  return 2 * (quoted_bytes + 1 + count_bytes_max + 1);
}

}  // namespace

void value_counts::count(std::string_view value) {
  auto*& seen = seen_at(value);
  if (seen == nullptr || seen->first != value) seen = &find_or_add(value);
  ++seen->second.total;
  ++seen->second.window;
}

value_counts::entry_map::value_type*& value_counts::seen_at(std::string_view value) {
  constexpr std::size_t hashed_bytes_max = 16;
  std::size_t hash = value.size();
  for (const char c : value.substr(0, hashed_bytes_max))
    hash = hash * 31 + static_cast<unsigned char>(c);
  return seen_[hash % seen_.size()];
}

value_counts::entry_map::value_type& value_counts::find_or_add(std::string_view value) {
  const auto found = entries_.find(value);
  if (found != entries_.end()) return *found;
  const bool own = takes(value);
  if (own) bytes_ += entry_bytes_max(quoted(value).size());
  return *entries_.try_emplace(std::string(own ? value : other)).first;
}

/// Cheapest first: a stream of ever new values comes here with each record.
bool value_counts::takes(std::string_view value) const {
  if (entries_.size() - entries_.count(other) >= distinct_max_ || bytes_ >= bytes_max_ ||
      value.size() > counted_value_bytes_max)
    return false;
  const std::size_t bytes = quoted(value).size();
  return bytes <= counted_value_bytes_max + 2 && bytes_ + entry_bytes_max(bytes) <= bytes_max_;
}

void value_counts::reset_window() {
  for (auto& [value, counts] : entries_) counts.window = 0;
}

void summary_tally::outcome_counts::count(outcome result) {
  switch (result) {
    case outcome::processed:
      ++processed;
      return;
    case outcome::filtered:
      ++filtered;
      return;
    case outcome::failed:
      ++failed;
      return;
  }
}

summary_tally::summary_tally(std::string input_topic, std::int64_t every,
                             std::vector<std::string> names, limits most)
  : input_topic_(std::move(input_topic)), every_(every), names_(std::move(names)) {
  const auto distinct_max =
      static_cast<std::size_t>(std::max<std::int64_t>(most.distinct_values_max, 0));
  for (std::size_t i = 0; i < names_.size(); ++i)
    counts_.emplace_back(distinct_max, most.value_bytes_max * 3 / 4 / names_.size());
}

void summary_tally::count(std::int32_t partition, std::int64_t range_start,
                          const output_record& record) {
  cover(partition, {range_start, record.source_offset + 1});
  total_.count(record.result);
  window_.count(record.result);
  if (record.result != outcome::processed) return;
  for (std::size_t i = 0; i < std::min(counts_.size(), record.counted.size()); ++i)
    if (record.counted[i].data() != nullptr) counts_[i].count(record.counted[i]);
  due_ = due_ || (every_ > 0 && total_.processed % every_ == 0);
}

void summary_tally::leave_out() {
  due_ = false;
  ++multiples_;
}

void summary_tally::cover(std::int32_t partition, offset_range range) {
  auto& ranges = covers_[partition];
  if (!ranges.empty() && ranges.back().second == range.first)
    ranges.back().second = range.second;
  else
    ranges.push_back(range);
}

void summary_tally::append_outcomes(std::string& to, const outcome_counts& counts) {
  append_count(to, "processed_count", counts.processed);
  to += ',';
  append_count(to, "filtered_record_count", counts.filtered);
  to += ',';
  append_count(to, "error_count", counts.failed);
  to += ',';
  append_count(to, "received_count", counts.processed + counts.filtered + counts.failed);
}

void summary_tally::append_values(std::string& to, std::int64_t value_counts::entry::*which) const {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    to += ',';
    append_entries(to, names_[i], counts_[i], which);
  }
}

void summary_tally::append_covers(std::string& to) const {
  to.append("\"covers\":{").append(quoted(input_topic_)).append(":{");
  for (const auto& [partition, ranges] : covers_) {
    if (to.back() != '{') to += ',';
    to.append("\"").append(std::to_string(partition)).append("\":[");
    for (const auto& [from, end] : ranges) {
      if (to.back() != '[') to += ',';
      to.append("[").append(std::to_string(from)).append(",");
      to.append(std::to_string(end)).append("]");
    }
    to += ']';
  }
  to += "}}";
}

std::optional<std::string> summary_tally::take_summary(std::string_view worker_id,
                                                       std::int64_t now_s, std::size_t bytes_max) {
  std::string summary = "{";
  append_outcomes(summary, total_);
  append_values(summary, &value_counts::entry::total);
  summary.append(",\"worker\":").append(quoted(worker_id));
  summary.append(",\"sequence\":").append(std::to_string(sequence_ + 1));
  if (multiples_ > 1) summary.append(",\"multiples\":").append(std::to_string(multiples_));
  summary.append(",\"window\":{");
  append_outcomes(summary, window_);
  append_values(summary, &value_counts::entry::window);
  summary += "},";
  append_covers(summary);
  summary.append(",\"timestamp\":\"").append(timestamp_text(now_s)).append("\"}");
  if (summary.size() > bytes_max) return std::nullopt;
  ++sequence_;
  due_ = false;
  multiples_ = 1;
  window_ = {};
  for (value_counts& counts : counts_) counts.reset_window();
  covers_.clear();
  return summary;
}

}  // namespace turnstile::core
