#include "app/commands/audit_options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/quoting.hpp"
#include "core/timestamps.hpp"

namespace turnstile::app {

namespace {

core::parsed_timestamp time_of(const std::string& text) {
  return core::parse_timestamp_text(text, {.iso8601 = true});
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return {};
  return number;
}

/// `P:FROM-TO`
std::optional<audit::partition_range> range_of(std::string_view text) {
  const auto colon = text.find(':');
  const auto dash = text.find('-', colon == std::string_view::npos ? 0 : colon);
  if (colon == std::string_view::npos || dash == std::string_view::npos) return {};
  const auto partition = number_of<std::int32_t>(text.substr(0, colon));
  const auto first = number_of<std::int64_t>(text.substr(colon + 1, dash - colon - 1));
  const auto last = number_of<std::int64_t>(text.substr(dash + 1));
  if (!partition || !first || !last || *last < *first || *last == INT64_MAX) return {};
  return audit::partition_range{*partition, *first, *last + 1};
}

/// Empty: some part is no range, or a partition is named twice.
std::vector<audit::partition_range> ranges_of(std::string_view text) {
  std::vector<audit::partition_range> ranges;
  while (true) {
    const auto comma = text.find(',');
    const auto range = range_of(text.substr(0, comma));
    if (!range) return {};
    const bool twice = std::ranges::any_of(ranges, [&range](const audit::partition_range& other) {
      return other.partition == range->partition;
    });
    if (twice) return {};
    ranges.push_back(*range);
    if (comma == std::string_view::npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string audit_time_fault(const std::string& text) {
  const auto parsed = time_of(text);
  return parsed.error.empty() ? "" : std::string{parsed.error} + ": " + core::quoted_short(text);
}

std::string audit_offsets_fault(const std::string& text) {
  return ranges_of(text).empty()
             ? "expects PARTITION:FROM-TO, each partition once, not " + core::quoted_short(text)
             : "";
}

std::int64_t audit_time_of(const std::string& text) { return time_of(text).epoch_s; }

std::vector<audit::partition_range> audit_offsets_of(const std::string& text) {
  return ranges_of(text);
}

}  // namespace turnstile::app
