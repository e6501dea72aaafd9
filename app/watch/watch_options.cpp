#include "app/watch/watch_options.hpp"

#include <charconv>
#include <string_view>

#include "app/logging/log_line.hpp"
#include "app/terminal/terminal.hpp"
#include "core/quoting.hpp"
#include "core/timestamps.hpp"

namespace turnstile::app {

namespace {

using kafka_io::read_from;
using kafka_io::read_scope;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::system_clock;

// Ten years; also keeps every unit's product far from an overflow.
constexpr std::int64_t back_s_max = std::int64_t{3650} * 86'400;

std::optional<std::int64_t> number_of(std::string_view text) {
  // from_chars would take a sign.
  if (text.starts_with('-')) return {};
  std::int64_t number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

/// `10m` as seconds.
std::optional<std::int64_t> duration_of(std::string_view text) {
  if (text.size() < 2) return {};
  std::int64_t unit_s = 0;
  switch (text.back()) {
    case 's':
      unit_s = 1;
      break;
    case 'm':
      unit_s = 60;
      break;
    case 'h':
      unit_s = 3600;
      break;
    case 'd':
      unit_s = 86'400;
      break;
    default:
      return {};
  }
  const auto count = number_of(text.substr(0, text.size() - 1));
  if (!count || *count > back_s_max / unit_s) return {};
  return *count * unit_s;
}

}  // namespace

std::optional<read_scope> watch_start_of(const std::string& text, system_clock::time_point now) {
  if (text == "beginning") return read_scope{read_from::beginning};
  if (text == "end") return read_scope{read_from::end};
  if (const auto offset = number_of(text)) return read_scope{read_from::offset, *offset};
  if (text.starts_with('-')) {
    const auto last = number_of(std::string_view{text}.substr(1));
    if (!last || *last == 0 || *last > watch_last_max) return {};
    return read_scope{read_from::last, *last};
  }
  if (const auto back_s = duration_of(text)) {
    const auto since = now - std::chrono::seconds{*back_s};
    return read_scope{read_from::time,
                      duration_cast<milliseconds>(since.time_since_epoch()).count()};
  }
  const auto time = core::parse_timestamp_text(text, {.iso8601 = true});
  // No record has a time that the clock cannot hold, from the year 2262 on.
  constexpr auto latest = std::chrono::floor<std::chrono::seconds>(system_clock::time_point::max());
  if (!time.error.empty() || time.epoch_s < 0 || time.epoch_s > latest.time_since_epoch().count()) {
    return {};
  }
  return read_scope{read_from::time, time.epoch_s * 1000};
}

std::string watch_start_fault(const std::string& text) {
  if (watch_start_of(text, system_clock::now())) return "";
  return "expects beginning, end, an offset, -N (the last N, at most " +
         grouped(static_cast<std::uint64_t>(watch_last_max)) +
         "), a time (2024-10-25T22:14:20Z) or a duration (10m), not " + core::quoted_short(text);
}

std::string watch_start_text(const read_scope& start) {
  switch (start.from) {
    case read_from::beginning:
      return "from the beginning";
    case read_from::end:
      return "from the end";
    case read_from::offset:
      return "from offset " + grouped(static_cast<std::uint64_t>(start.value));
    case read_from::last:
      return "the last " + grouped(static_cast<std::uint64_t>(start.value)) + " of each partition";
    case read_from::time:
      return "from " + timestamp_text(system_clock::time_point{milliseconds{start.value}});
  }
  return {};
}

}  // namespace turnstile::app
