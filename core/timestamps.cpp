#include "core/timestamps.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace turnstile::core {

namespace {

constexpr std::int64_t day_s = 86400;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

parsed_timestamp refused(std::string_view why) { return {0, why}; }

parsed_timestamp in_range(std::int64_t value, const timestamp_rules& rules) {
  if (value <= epoch_s_max) return {value, {}};
  if (value / 1000000 > epoch_s_max) return refused("after the year 9999");
  if (rules.units == timestamp_units::seconds)
    return refused(
        "after the year 9999 in seconds; input.timestamp_units = \"magnitude\" would take it as "
        "milliseconds or microseconds");
  return {value / 1000 <= epoch_s_max ? value / 1000 : value / 1000000, {}};
}

/// Of digits only; nothing where there are others.
std::optional<parsed_timestamp> parse_digits(std::string_view text, const timestamp_rules& rules) {
  constexpr std::size_t digits_max = 18;  // More do not fit, and are beyond every unit's range.
  if (text.empty()) return std::nullopt;
  if (text.size() > digits_max) {
    if (!all_digits(text)) return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
    if (text.size() > digits_max) return refused("after the year 9999");
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return in_range(value, rules);
}

/// Days since the epoch of a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms"). REQUIRES: year >= 1.
constexpr std::int64_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

constexpr int days_of_month(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
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

parsed_timestamp parse_iso8601(std::string_view text) {
  constexpr std::string_view malformed = "not a date and time with a zone";
  text_reader in{text};
  const int year = in.number(4);
  in.expect("-");
  const int month = in.number(2);
  in.expect("-");
  const int day = in.number(2);
  in.expect("Tt ");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  if (in.take(".,")) {
    in.number(1);
    while (in.take("0123456789")) {
    }
  }
  const int zone = read_zone(in);
  if (!in.ok || !in.left.empty() || month < 1 || month > 12 || year < 1 || day < 1 ||
      day > days_of_month(year, month) || hour > 23 || minute > 59 || second > 59)
    return refused(malformed);
  const std::int64_t second_of_day = (std::int64_t{hour} * 60 + minute) * 60 + second;
  const std::int64_t epoch_s = days_from_civil(year, month, day) * day_s + second_of_day - zone;
  if (epoch_s < 0) return refused("before 1970");
  return epoch_s > epoch_s_max ? refused("after the year 9999") : parsed_timestamp{epoch_s, {}};
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

struct civil_date {
  std::uint32_t year, month, day;
};

/// The inverse of days_from_civil, for days since 1970.
civil_date civil_from_days(std::uint32_t days) {
  const std::uint32_t z = days + 719468;
  const std::uint32_t era = z / 146097;
  const std::uint32_t day_of_era = z - era * 146097;
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1U : 0U), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

}  // namespace

parsed_timestamp parse_timestamp_number(std::string_view token, const timestamp_rules& rules) {
  if (const auto parsed = parse_digits(token, rules)) return *parsed;
  if (token.starts_with('-')) return refused("negative");
  return refused("a fraction or an exponent");
}

parsed_timestamp parse_timestamp_text(std::string_view text, const timestamp_rules& rules) {
  if (const auto parsed = parse_digits(text, rules)) return *parsed;
  if (rules.iso8601) return parse_iso8601(text);
  if (text.size() > 1 && text.front() == '-' && all_digits(text.substr(1)))
    return refused("negative");
  if (parse_iso8601(text).error.empty())
    return refused("a string that is not all digits; input.timestamp_iso8601 = true would take it");
  return refused("a string that is not all digits");
}

char* write_timestamp(char* to, std::int64_t epoch_s, timestamp_format format) {
  epoch_s = std::clamp<std::int64_t>(epoch_s, 0, epoch_s_max);
  const auto days = static_cast<std::uint32_t>(epoch_s / day_s);
  const auto second = static_cast<std::uint32_t>(epoch_s % day_s);
  const civil_date date = civil_from_days(days);
  const bool rfc3339 = format == timestamp_format::rfc3339;
  std::memcpy(to, "0000-00-00 00:00:00Z", timestamp_bytes_max);
  put_two(to, date.year / 100);
  put_two(to + 2, date.year % 100);
  put_two(to + 5, date.month);
  put_two(to + 8, date.day);
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
