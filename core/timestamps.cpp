#include "core/timestamps.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>

#include "core/json_text.hpp"

namespace turnstile::core {

namespace {

constexpr std::int64_t day_s = 86400;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

parsed_timestamp refused(std::string_view why) { return {0, 0, why}; }

/// A second of them, as a power of 1000; by magnitude the least that may be.
constexpr std::size_t power_of(time_units units) {
  switch (units) {
    case time_units::milliseconds:
      return 1;
    case time_units::microseconds:
      return 2;
    case time_units::nanoseconds:
      return 3;
    case time_units::seconds:
    case time_units::magnitude:
      break;
  }
  return 0;
}

/// The greatest that may be.
constexpr std::size_t last_power_of(time_units units) {
  return power_of(units == time_units::magnitude ? time_units::nanoseconds : units);
}

constexpr std::array<std::int64_t, 4> powers{1, 1'000, 1'000'000, 1'000'000'000};

parsed_timestamp too_late(std::int64_t whole_units, time_units units) {
  if (units == time_units::seconds && whole_units / powers[2] <= epoch_s_max)
    return refused(
        "after the year 9999 in seconds; units = \"magnitude\" in its rule would take it as "
        "milliseconds or microseconds");
  return refused("after the year 9999");
}

parsed_timestamp parse_integer(std::int64_t value, time_units units) {
  const bool in_seconds = units == time_units::seconds || units == time_units::magnitude;
  if (in_seconds && value <= epoch_s_max) return {value, 0, {}};  // Without a division.
  for (std::size_t i = power_of(units); i <= last_power_of(units); ++i)
    if (value / powers[i] <= epoch_s_max)
      return {value / powers[i],
              static_cast<std::uint32_t>(value % powers[i] * powers[powers.size() - 1 - i]),
              {}};
  return too_late(value, units);
}

/// Of a number of units of which 10^`digits` are a second; nothing: it is too late.
std::optional<parsed_timestamp> in_units(decimal_reader number, std::int64_t digits) {
  constexpr std::int64_t second_digits_max = 12;
  constexpr std::int64_t fraction_digits = 9;
  const std::int64_t whole = number.is_zero() ? 0 : number.point() - digits;
  if (whole > second_digits_max) return std::nullopt;
  parsed_timestamp parsed;
  for (std::int64_t i = 0; i < whole; ++i) parsed.epoch_s = parsed.epoch_s * 10 + number.next();
  if (parsed.epoch_s > epoch_s_max) return std::nullopt;
  for (std::int64_t i = 0; i < fraction_digits; ++i)
    parsed.nanosecond = parsed.nanosecond * 10 + (i < -whole ? 0U : number.next());
  return parsed;
}

/// Of any length, with a fraction and an exponent. REQUIRES: JSON's grammar, and no sign.
parsed_timestamp parse_decimal(std::string_view token, time_units units) {
  const decimal_reader number(token);
  for (std::size_t i = power_of(units); i <= last_power_of(units); ++i)
    if (const auto parsed = in_units(number, static_cast<std::int64_t>(3 * i))) return *parsed;
  constexpr std::int64_t digits_max = 18;
  if (number.point() > digits_max) return refused("after the year 9999");
  decimal_reader digits = number;
  std::int64_t whole = 0;
  for (std::int64_t i = 0; i < number.point(); ++i) whole = whole * 10 + digits.next();
  return too_late(whole, units);
}

/// Of digits only; nothing where there are others.
std::optional<parsed_timestamp> parse_digits(std::string_view text, const time_rule& rule) {
  constexpr std::size_t digits_max = 18;  // More do not fit.
  if (text.empty()) return std::nullopt;
  if (text.size() > digits_max) {
    if (!all_digits(text)) return std::nullopt;
    return parse_decimal(text, rule.units);
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return parse_integer(value, rule.units);
}

bool is_fraction(std::string_view text) {
  const std::size_t point = text.find('.');
  return point != std::string_view::npos && all_digits(text.substr(0, point)) &&
         all_digits(text.substr(point + 1));
}

/// Reads a text from left to right; once something is not as asked for, `ok` is false for good.
struct text_reader {
  std::string_view left;
  bool ok = true;

  int number(std::size_t digits) {
    ok = ok && left.size() >= digits && all_digits(left.substr(0, digits));
    if (!ok) return 0;
    int value = 0;
    for (const char c : left.substr(0, digits)) value = value * 10 + (c - '0');
    left.remove_prefix(digits);
    return value;
  }
  bool take(std::string_view any_of) {
    if (!ok || left.empty() || any_of.find(left.front()) == std::string_view::npos) return false;
    left.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) { ok = take(any_of) && ok; }
};

/// Seconds east of UTC.
int read_zone(text_reader& in) {
  if (in.take("Zz")) return 0;
  const bool west = !in.left.empty() && in.left.front() == '-';
  in.expect("+-");
  const int hours = in.number(2);
  const bool colon = in.take(":");
  const int minutes = colon || !in.left.empty() ? in.number(2) : 0;
  in.ok = in.ok && hours <= 23 && minutes <= 59;
  return (west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/// Digits behind a point or comma, as nanoseconds.
std::uint32_t read_fraction(text_reader& in) {
  std::uint32_t value = 0;
  std::uint32_t unit = 100'000'000;
  const auto first = in.left.size();
  while (in.ok && !in.left.empty() && is_digit(in.left.front())) {
    value += unit * static_cast<std::uint32_t>(in.left.front() - '0');
    unit /= 10;
    in.left.remove_prefix(1);
  }
  in.ok = in.ok && in.left.size() < first;
  return value;
}

/// Hours, minutes, and seconds where there are any.
struct time_of_day {
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::uint32_t nanosecond = 0;
};

time_of_day read_time(text_reader& in) {
  time_of_day time;
  time.hour = in.number(2);
  in.expect(":");
  time.minute = in.number(2);
  // Java's OffsetDateTime leaves them out where they are 0.
  if (in.take(":")) {
    time.second = in.number(2);
    if (in.take(".,")) time.nanosecond = read_fraction(in);
  }
  in.ok = in.ok && time.hour <= 23 && time.minute <= 59 && time.second <= 59;
  return time;
}

parsed_timestamp parse_iso8601(std::string_view text, bool zone_utc) {
  constexpr std::string_view malformed = "not a date and time with a zone";
  text_reader in{text};
  const int year = in.number(4);
  in.expect("-");
  const auto month = static_cast<unsigned>(in.number(2));
  in.expect("-");
  const auto day = static_cast<unsigned>(in.number(2));
  in.expect("Tt ");
  const time_of_day time = read_time(in);
  const bool has_zone = !zone_utc || !in.left.empty();
  const int zone = has_zone ? read_zone(in) : 0;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!in.ok || !in.left.empty() || year < 1 || !date.ok()) return refused(malformed);
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t second_of_day =
      (std::int64_t{time.hour} * 60 + time.minute) * 60 + time.second;
  const std::int64_t epoch_s = days * day_s + second_of_day - zone;
  if (epoch_s < 0) return refused("before 1970");
  if (epoch_s > epoch_s_max) return refused("after the year 9999");
  return {epoch_s, time.nanosecond, {}};
}

constexpr std::array<char, 200> make_two_digits() {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}

void put_two(char* to, std::uint32_t value) {
  static constexpr std::array<char, 200> table = make_two_digits();
  std::memcpy(to, &table[2 * std::size_t{value}], 2);
}

}  // namespace

parsed_timestamp parse_timestamp_number(std::string_view token, const time_rule& rule) {
  if (const auto parsed = parse_digits(token, rule)) return *parsed;
  if (token.starts_with('-')) return refused("negative");
  return rule.fraction ? parse_decimal(token, rule.units) : refused("a fraction or an exponent");
}

parsed_timestamp parse_timestamp_text(std::string_view text, const time_rule& rule) {
  if (const auto parsed = parse_digits(text, rule)) return *parsed;
  if (rule.fraction && is_fraction(text)) return parse_decimal(text, rule.units);
  if (rule.iso8601) return parse_iso8601(text, rule.zone_utc);
  if (text.size() > 1 && text.front() == '-' && all_digits(text.substr(1)))
    return refused("negative");
  if (parse_iso8601(text, false).error.empty())
    return refused("a string that is not all digits; iso8601 = true in its rule would take it");
  return refused("a string that is not all digits");
}

char* write_timestamp(char* to, std::int64_t epoch_s, timestamp_format format) {
  epoch_s = std::clamp<std::int64_t>(epoch_s, 0, epoch_s_max);
  const auto days = static_cast<std::uint32_t>(epoch_s / day_s);
  const auto second = static_cast<std::uint32_t>(epoch_s % day_s);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  const bool rfc3339 = format == timestamp_format::rfc3339;
  std::memcpy(to, "0000-00-00 00:00:00Z", timestamp_bytes_max);
  put_two(to, year / 100);
  put_two(to + 2, year % 100);
  put_two(to + 5, static_cast<unsigned>(date.month()));
  put_two(to + 8, static_cast<unsigned>(date.day()));
  if (rfc3339) to[10] = 'T';
  put_two(to + 11, second / 3600);
  put_two(to + 14, second / 60 % 60);
  put_two(to + 17, second % 60);
  return to + (rfc3339 ? 20 : 19);
}

std::string timestamp_text(std::int64_t epoch_s, timestamp_format format) {
  std::array<char, timestamp_bytes_max> text;
  char* end = write_timestamp(text.data(), epoch_s, format);
  return {text.data(), end};
}

}  // namespace turnstile::core
