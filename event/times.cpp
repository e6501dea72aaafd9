#include "event/times.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace turnstile::event {

namespace {

using core::time_output;
using core::time_precision;
using core::time_truncation;

constexpr std::size_t digits_of(time_precision precision) {
  return 3 * static_cast<std::size_t>(precision);
}

std::int64_t truncated(std::int64_t epoch_s, time_truncation to) {
  using namespace std::chrono;
  const sys_seconds time{seconds{epoch_s}};
  switch (to) {
    case time_truncation::minute:
      return floor<minutes>(time).time_since_epoch() / seconds{1};
    case time_truncation::hour:
      return floor<hours>(time).time_since_epoch() / seconds{1};
    case time_truncation::day:
      return floor<days>(time).time_since_epoch() / seconds{1};
    case time_truncation::month: {
      const year_month_day date{floor<days>(time)};
      return sys_days{date.year() / date.month() / day{1}}.time_since_epoch() / seconds{1};
    }
    case time_truncation::none:
      break;
  }
  return epoch_s;
}

/// The digits of a number, zeros in front.
char* write_digits(char* to, std::uint64_t number, std::size_t digits) {
  for (std::size_t at = digits; at > 0; --at, number /= 10)
    to[at - 1] = static_cast<char>('0' + number % 10);
  return to + digits;
}

/// A point and the first `digits` of the nine that a nanosecond has; nothing where there are none.
char* write_fraction(char* to, std::uint32_t nanosecond, std::size_t digits) {
  if (digits == 0) return to;
  *to = '.';
  std::array<char, 9> all;
  write_digits(all.data(), nanosecond, all.size());
  return core::write_bytes(to + 1, {all.data(), std::min(digits, all.size())});
}

char* write_integer(char* to, std::int64_t number) {
  constexpr std::size_t digits_max = 19;
  return std::to_chars(to, to + digits_max, number).ptr;
}

char* write_epoch_ms(char* to, std::int64_t epoch_s, std::uint32_t nanosecond, std::size_t digits) {
  constexpr std::uint32_t millisecond = 1'000'000;
  to = write_integer(to, epoch_s * 1000 + (digits == 0 ? 0 : nanosecond / millisecond));
  // What is left of the nanoseconds, as those of a second that began a thousand times earlier.
  return digits <= 3 ? to : write_fraction(to, nanosecond % millisecond * 1000, digits - 3);
}

}  // namespace

core::parsed_timestamp parse_time(core::json_kind kind, std::string_view token,
                                  std::string_view text, const core::time_rule& rule) {
  if (kind == core::json_kind::number) return core::parse_timestamp_number(token, rule);
  if (kind == core::json_kind::string) return core::parse_timestamp_text(text, rule);
  return {0, 0, "neither a number nor a string"};
}

char* write_time(char* to, const core::parsed_timestamp& time, const core::time_rule& rule) {
  const std::int64_t epoch_s = truncated(time.epoch_s, rule.truncate);
  const std::uint32_t nanosecond = rule.truncate == time_truncation::none ? time.nanosecond : 0;
  const std::size_t digits = digits_of(rule.precision);
  if (rule.output == time_output::epoch_s)
    return write_fraction(write_integer(to, epoch_s), nanosecond, digits);
  if (rule.output == time_output::epoch_ms) return write_epoch_ms(to, epoch_s, nanosecond, digits);
  const bool rfc3339 = rule.output == time_output::rfc3339;
  *to++ = '"';
  to = core::write_timestamp(
      to, epoch_s, rfc3339 ? core::timestamp_format::rfc3339 : core::timestamp_format::datetime);
  if (rfc3339) --to;
  to = write_fraction(to, nanosecond, digits);
  if (rfc3339) *to++ = 'Z';
  *to++ = '"';
  return to;
}

}  // namespace turnstile::event
