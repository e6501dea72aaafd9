#include "core/timestamps.hpp"

#include <ctime>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile::core;

namespace {

constexpr time_rule strict{};
constexpr time_rule by_magnitude{.units = time_units::magnitude};
constexpr time_rule with_iso{.iso8601 = true};
constexpr time_rule with_fraction{.units = time_units::magnitude, .fraction = true};

/// The second, and its nanoseconds where there are any.
std::string told(const parsed_timestamp& parsed) {
  if (!parsed.error.empty()) return std::string(parsed.error);
  const std::string second = std::to_string(parsed.epoch_s);
  return parsed.nanosecond == 0 ? second : second + "+" + std::to_string(parsed.nanosecond);
}

std::string number(std::string_view token, const time_rule& rule = strict) {
  return told(parse_timestamp_number(token, rule));
}

std::string text(std::string_view value, const time_rule& rule = strict) {
  return told(parse_timestamp_text(value, rule));
}

constexpr std::string_view late = "after the year 9999";
constexpr std::string_view other_unit =
    "after the year 9999 in seconds; units = \"magnitude\" in its rule would take it as "
    "milliseconds or microseconds";
constexpr std::string_view other_form =
    "a string that is not all digits; iso8601 = true in its rule would take it";
constexpr std::string_view not_digits = "a string that is not all digits";
constexpr std::string_view not_iso = "not a date and time with a zone";

}  // namespace

TEST_CASE("seconds since the epoch are read from a number and from a string of digits") {
  CHECK(number("1729894074") == "1729894074");
  CHECK(text("1729894074") == "1729894074");
  CHECK(number("0") == "0");
  CHECK(text("0000000000000000000000000000001") == "1");
  CHECK(text("0") == "0");
}

TEST_CASE("the last second of the year 9999 is a timestamp and the next is none") {
  CHECK(number("253402300799") == "253402300799");
  CHECK(number("253402300800") == other_unit);
  CHECK(text("253402300800") == other_unit);
  CHECK(number("999999999999999999") == late);
  CHECK(number("9999999999999999999") == late);
  CHECK(number(std::string(400, '9')) == late);
}

TEST_CASE("negative, broken and exponential numbers are refused") {
  CHECK(number("-1") == "negative");
  CHECK(number("-0") == "negative");
  CHECK(number("-1.5e3") == "negative");
  for (const auto* token : {"1729894074.0", "1729894074.5", "17e8", "17E8", "1e0", "0.0"})
    CHECK(number(token) == "a fraction or an exponent");
}

TEST_CASE("strings that are no digits are refused") {
  CHECK(text("-5") == "negative");
  for (const auto* value :
       {"", " 1", "1 ", "+1", "-", "1.0", "1e3", "0x10", "٣", "now", "2024-10-25T22:14:20"})
    CHECK(text(value) == not_digits);
}

TEST_CASE("what another option would take is refused with that option's name, and nothing else") {
  for (const auto* value : {"2024-10-25T22:14:20Z", "2024-10-26 00:14:20.5+02:00"}) {
    CHECK(text(value) == other_form);
    CHECK(text(value, by_magnitude) == other_form);
  }
  for (const auto* value : {"1729894074123", "1729894074123456", "253402300799999999"}) {
    CHECK(number(value) == other_unit);
    CHECK(text(value, with_iso) == other_unit);
  }
  CHECK(number("253402300800000000") == late);
  CHECK(number("1729894074123456789") == late);
}

TEST_CASE("by magnitude, what is too late for seconds is milliseconds, then micro-, nanoseconds") {
  CHECK(number("253402300799", by_magnitude) == "253402300799");
  CHECK(number("253402300800", by_magnitude) == "253402300+800000000");
  CHECK(number("1729894074123", by_magnitude) == "1729894074+123000000");
  CHECK(number("253402300799999", by_magnitude) == "253402300799+999000000");
  CHECK(number("253402300800000", by_magnitude) == "253402300+800000000");
  CHECK(text("1729894074123456", by_magnitude) == "1729894074+123456000");
  CHECK(number("253402300799999999", by_magnitude) == "253402300799+999999000");
  CHECK(number("253402300800000000", by_magnitude) == "253402300+800000000");
  CHECK(number("1684862313000000000", by_magnitude) == "1684862313");
  CHECK(text("001684862313000000001", by_magnitude) == "1684862313+1");
  CHECK(number("253402300799999999999", by_magnitude) == "253402300799+999999999");
  CHECK(number("253402300800000000000", by_magnitude) == late);
  CHECK(number(std::string(400, '9'), by_magnitude) == late);
}

TEST_CASE("a unit that is named is the only one") {
  const auto in = [](time_units units) { return time_rule{.units = units}; };
  CHECK(number("1729894074123", in(time_units::milliseconds)) == "1729894074+123000000");
  CHECK(number("999", in(time_units::milliseconds)) == "0+999000000");
  CHECK(number("253402300799999", in(time_units::milliseconds)) == "253402300799+999000000");
  CHECK(number("253402300800000", in(time_units::milliseconds)) == late);
  CHECK(text("1729894074123456", in(time_units::microseconds)) == "1729894074+123456000");
  CHECK(number("253402300799999999", in(time_units::microseconds)) == "253402300799+999999000");
  CHECK(number("253402300800000000", in(time_units::microseconds)) == late);
  CHECK(number("1729894074123456789", in(time_units::nanoseconds)) == "1729894074+123456789");
  CHECK(number("1729894074", in(time_units::nanoseconds)) == "1+729894074");
  CHECK(number("253402300799999999999", in(time_units::nanoseconds)) == "253402300799+999999999");
  CHECK(number("253402300800000000000", in(time_units::nanoseconds)) == late);
}

TEST_CASE("a fraction is read where it is allowed, and an exponent of a number with it") {
  CHECK(number("1729894074.5", with_fraction) == "1729894074+500000000");
  CHECK(text("1729894074.5", with_fraction) == "1729894074+500000000");
  CHECK(number("1729894074.0", with_fraction) == "1729894074");
  CHECK(number("1729894074.123456789123", with_fraction) == "1729894074+123456789");
  CHECK(number("1729894074123.25", with_fraction) == "1729894074+123250000");
  CHECK(number("1.7298940745E9", with_fraction) == "1729894074+500000000");
  CHECK(number("1729894074123456e-6", with_fraction) == "1729894074+123456000");
  CHECK(number("0.000000001", with_fraction) == "0+1");
  CHECK(number("0.0", with_fraction) == "0");
  CHECK(number("0e5", with_fraction) == "0");
  CHECK(number("1e-300", with_fraction) == "0");
  CHECK(number("253402300799.999999999999", with_fraction) == "253402300799+999999999");
  CHECK(number("1e300", with_fraction) == late);
  CHECK(number("-1.5", with_fraction) == "negative");
  CHECK(number("253402300800.5", {.fraction = true}) == other_unit);
  CHECK(number("253402300800000000.5", {.fraction = true}) == late);
  const time_rule milliseconds{.units = time_units::milliseconds, .fraction = true};
  CHECK(number("1.5", milliseconds) == "0+1500000");
  CHECK(number("0.0005", milliseconds) == "0+500");
  for (const auto* value :
       {"1.", ".5", ".", "1.5.5", "1e3", "1.5e3", "-1.5", "+1.5", "1,5", " 1.5"})
    CHECK(text(value, with_fraction) == not_digits);
}

TEST_CASE("ISO 8601 with a zone is read where it is allowed") {
  for (const auto* value :
       {"2024-10-25T22:14:20Z", "2024-10-25 22:14:20z", "2024-10-26T00:14:20+02:00",
        "2024-10-26T03:44:20+0530", "2024-10-25T17:14:20-05", "2024-10-25t22:14:20.0Z"})
    CHECK(text(value, with_iso) == "1729894460");
  CHECK(text("2024-10-25T22:14:20,5Z", with_iso) == "1729894460+500000000");
  CHECK(text("2024-10-25T22:14:20.123456789999z", with_iso) == "1729894460+123456789");
  CHECK(text("2024-10-25T22:14:20." + std::string(1000, '9') + "+00:00", with_iso) ==
        "1729894460+999999999");
  CHECK(text("2024-10-25T22:07Z", with_iso) == "1729894020");
  CHECK(text("2024-10-25 22:07+02:00", with_iso) == "1729886820");
  CHECK(text("1970-01-01T00:00:00Z", with_iso) == "0");
  CHECK(text("2024-02-29T00:00:00Z", with_iso) == "1709164800");
  CHECK(text("9999-12-31T23:59:59Z", with_iso) == "253402300799");
  CHECK(text("1729894074", with_iso) == "1729894074");
}

TEST_CASE("doubtful dates and times are refused") {
  for (const auto* value : {"",
                            "2024-10-25",
                            "2024-10-25T22:14:20",
                            "2024-10-25T22Z",
                            "2024-10-25T22:Z",
                            "2024-10-25T22:14:Z",
                            "2024-10-25T22:14.5Z",
                            "2024-10-25T22:14:20.5",
                            "2024-13-01T00:00:00Z",
                            "2024-00-01T00:00:00Z",
                            "2023-02-29T00:00:00Z",
                            "1900-02-29T00:00:00Z",
                            "2024-04-31T00:00:00Z",
                            "2024-10-00T00:00:00Z",
                            "2024-10-25T24:00:00Z",
                            "2024-10-25T22:60:00Z",
                            "2024-10-25T22:14:60Z",
                            "2024-10-25T22:14:20.Z",
                            "2024-10-25T22:14:20Zx",
                            "2024-10-25T22:14:20+24:00",
                            "2024-10-25T22:14:20+2:00",
                            "2024-10-25T22:14:20+02:",
                            "2024-10-25T22:14:20 Z",
                            "0000-01-01T00:00:00Z",
                            "-1"})
    CHECK_MESSAGE(text(value, with_iso) == not_iso, value);
  CHECK(text("1969-12-31T23:59:59Z", with_iso) == "before 1970");
  CHECK(text("1970-01-01T00:00:00+01:00", with_iso) == "before 1970");
  CHECK(text("9999-12-31T23:59:59-01:00", with_iso) == late);
}

TEST_CASE("a date and time without a zone is one of UTC where the rule says so") {
  const time_rule utc{.iso8601 = true, .zone_utc = true};
  for (const auto* value : {"2024-10-25T22:14:20", "2024-10-25 22:14:20", "2024-10-25T22:14:20Z",
                            "2024-10-26T00:14:20+0200"})
    CHECK(text(value, utc) == "1729894460");
  CHECK(text("2024-10-25T22:14:20.5", utc) == "1729894460+500000000");
  CHECK(text("2024-10-25T22:07", utc) == "1729894020");
  for (const auto* value : {"2024-10-25", "2024-10-25T", "2024-10-25T22", "2024-10-25T22:07x",
                            "2024-10-25T22:14:20.", "2024-10-25T22:14:20+"})
    CHECK(text(value, utc) == not_iso);
  CHECK(text("2024-10-25T22:14:20", {.zone_utc = true}) == not_digits);
}

TEST_CASE("times are written in both formats") {
  CHECK(timestamp_text(0) == "1970-01-01 00:00:00");
  CHECK(timestamp_text(1729894460) == "2024-10-25 22:14:20");
  CHECK(timestamp_text(1729894460, timestamp_format::rfc3339) == "2024-10-25T22:14:20Z");
  CHECK(timestamp_text(1709164799) == "2024-02-28 23:59:59");
  CHECK(timestamp_text(1709164800) == "2024-02-29 00:00:00");
  CHECK(timestamp_text(4107542400) == "2100-03-01 00:00:00");
  CHECK(timestamp_text(epoch_s_max) == "9999-12-31 23:59:59");
}

TEST_CASE("times out of range become the nearest within") {
  CHECK(timestamp_text(-1) == "1970-01-01 00:00:00");
  CHECK(timestamp_text(epoch_s_max + 1) == "9999-12-31 23:59:59");
}

TEST_CASE("any time is written as the C library writes it, and read back") {
  turnstile::tests::seeded_random random;
  INFO(random.note());
  for (int i = 0; i < 20000; ++i) {
    const std::int64_t s = random.between(0, epoch_s_max);
    std::time_t t = s;
    std::tm broken_down{};
    gmtime_r(&t, &broken_down);
    char expected[32];
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &broken_down);
    const std::string written = timestamp_text(s, timestamp_format::rfc3339);
    REQUIRE(written == expected);
    REQUIRE(text(written, with_iso) == std::to_string(s));
  }
}
