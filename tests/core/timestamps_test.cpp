#include "core/timestamps.hpp"

#include <ctime>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile::core;

namespace {

constexpr timestamp_rules strict{};
constexpr timestamp_rules by_magnitude{timestamp_units::magnitude, false};
constexpr timestamp_rules with_iso{timestamp_units::seconds, true};

std::string number(std::string_view token, timestamp_rules rules = strict) {
  const auto parsed = parse_timestamp_number(token, rules);
  return parsed.error.empty() ? std::to_string(parsed.epoch_s) : std::string(parsed.error);
}

std::string text(std::string_view value, timestamp_rules rules = strict) {
  const auto parsed = parse_timestamp_text(value, rules);
  return parsed.error.empty() ? std::to_string(parsed.epoch_s) : std::string(parsed.error);
}

constexpr std::string_view late = "after the year 9999";
constexpr std::string_view other_unit =
    "after the year 9999 in seconds; input.timestamp_units = \"magnitude\" would take it as "
    "milliseconds or microseconds";
constexpr std::string_view other_form =
    "a string that is not all digits; input.timestamp_iso8601 = true would take it";
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

TEST_CASE("by magnitude, what is too late for seconds is milliseconds, then microseconds") {
  CHECK(number("253402300799", by_magnitude) == "253402300799");
  CHECK(number("253402300800", by_magnitude) == "253402300");
  CHECK(number("1729894074123", by_magnitude) == "1729894074");
  CHECK(number("253402300799999", by_magnitude) == "253402300799");
  CHECK(number("253402300800000", by_magnitude) == "253402300");
  CHECK(text("1729894074123456", by_magnitude) == "1729894074");
  CHECK(number("253402300799999999", by_magnitude) == "253402300799");
  CHECK(number("253402300800000000", by_magnitude) == late);
}

TEST_CASE("ISO 8601 with a zone is read where it is allowed") {
  for (const auto* value :
       {"2024-10-25T22:14:20Z", "2024-10-25 22:14:20z", "2024-10-26T00:14:20+02:00",
        "2024-10-26T03:44:20+0530", "2024-10-25T17:14:20-05", "2024-10-25t22:14:20.999999Z",
        "2024-10-25T22:14:20,5Z"})
    CHECK(text(value, with_iso) == "1729894460");
  CHECK(text("1970-01-01T00:00:00Z", with_iso) == "0");
  CHECK(text("2024-02-29T00:00:00Z", with_iso) == "1709164800");
  CHECK(text("9999-12-31T23:59:59Z", with_iso) == "253402300799");
  CHECK(text("1729894074", with_iso) == "1729894074");
}

TEST_CASE("doubtful dates and times are refused") {
  for (const auto* value : {"",
                            "2024-10-25",
                            "2024-10-25T22:14:20",
                            "2024-10-25T22:14Z",
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
