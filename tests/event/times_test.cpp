#include "event/times.hpp"

#include <array>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile;
using core::json_kind;
using core::time_output;
using core::time_precision;
using core::time_rule;
using core::time_truncation;
using core::time_units;

namespace {

std::string written(const core::parsed_timestamp& time, const time_rule& rule) {
  CHECK(time.error.empty());
  // On the heap, so that a sanitizer sees a byte too many.
  const auto room = std::make_unique<char[]>(event::time_bytes_max);
  const char* const end = event::write_time(room.get(), time, rule);
  REQUIRE(end <= room.get() + event::time_bytes_max);
  return {room.get(), static_cast<std::size_t>(end - room.get())};
}

/// What becomes of a text: a string where it begins with a quote, else a number.
std::string of(std::string_view token, time_rule rule) {
  const bool is_string = token.front() == '"';
  const std::string_view text = is_string ? token.substr(1, token.size() - 2) : "";
  return written(
      event::parse_time(is_string ? json_kind::string : json_kind::number, token, text, rule),
      rule);
}

constexpr time_rule any{.units = time_units::magnitude,
                        .fraction = true,
                        .iso8601 = true,
                        .output = time_output::datetime};

time_rule with(time_output output, time_precision precision = time_precision::s,
               time_truncation truncate = time_truncation::none) {
  time_rule rule = any;
  rule.output = output;
  rule.precision = precision;
  rule.truncate = truncate;
  return rule;
}

}  // namespace

TEST_CASE("what people send as a time is written in seconds of UTC") {
  CHECK(of(R"("2024-10-25T22:07Z")", any) == R"("2024-10-25 22:07:00")");
  CHECK(of(R"("2024-10-25T22:07+02:00")", any) == R"("2024-10-25 20:07:00")");
  CHECK(of("1684862313000000000", any) == R"("2023-05-23 17:18:33")");
  CHECK(of("1729894074.5", any) == R"("2024-10-25 22:07:54")");
  CHECK(of(R"("1729894074.5")", any) == R"("2024-10-25 22:07:54")");
  CHECK(of("1729894074123", any) == R"("2024-10-25 22:07:54")");
}

TEST_CASE("a time is written in each form with the precision asked for, cut and not rounded") {
  constexpr std::string_view time = R"("2024-10-25T22:07:54.123987654Z")";
  using enum time_precision;
  CHECK(of(time, with(time_output::datetime, ms)) == R"("2024-10-25 22:07:54.123")");
  CHECK(of(time, with(time_output::datetime, us)) == R"("2024-10-25 22:07:54.123987")");
  CHECK(of(time, with(time_output::datetime, ns)) == R"("2024-10-25 22:07:54.123987654")");
  CHECK(of(time, with(time_output::rfc3339)) == R"("2024-10-25T22:07:54Z")");
  CHECK(of(time, with(time_output::rfc3339, ms)) == R"("2024-10-25T22:07:54.123Z")");
  CHECK(of(time, with(time_output::rfc3339, ns)) == R"("2024-10-25T22:07:54.123987654Z")");
  CHECK(of(time, with(time_output::epoch_s)) == "1729894074");
  CHECK(of(time, with(time_output::epoch_s, us)) == "1729894074.123987");
  CHECK(of(time, with(time_output::epoch_ms)) == "1729894074000");
  CHECK(of(time, with(time_output::epoch_ms, ms)) == "1729894074123");
  CHECK(of(time, with(time_output::epoch_ms, us)) == "1729894074123.987");
  CHECK(of(time, with(time_output::epoch_ms, ns)) == "1729894074123.987654");
}

TEST_CASE("what the input does not have is 0") {
  using enum time_precision;
  CHECK(of("1729894074", with(time_output::rfc3339, ns)) == R"("2024-10-25T22:07:54.000000000Z")");
  CHECK(of("1729894074.05", with(time_output::epoch_s, ms)) == "1729894074.050");
  CHECK(of("0", with(time_output::epoch_ms, ns)) == "0.000000");
  CHECK(of("0.0125", with(time_output::epoch_ms, us)) == "12.500");
}

TEST_CASE("a time is truncated to the beginning of its minute, hour, day or month in UTC") {
  constexpr std::string_view time = R"("2024-02-29T23:59:59.999+00:00")";
  const auto to = [&](time_truncation truncate) {
    return of(time, with(time_output::rfc3339, time_precision::ms, truncate));
  };
  CHECK(to(time_truncation::none) == R"("2024-02-29T23:59:59.999Z")");
  CHECK(to(time_truncation::minute) == R"("2024-02-29T23:59:00.000Z")");
  CHECK(to(time_truncation::hour) == R"("2024-02-29T23:00:00.000Z")");
  CHECK(to(time_truncation::day) == R"("2024-02-29T00:00:00.000Z")");
  CHECK(to(time_truncation::month) == R"("2024-02-01T00:00:00.000Z")");
  CHECK(of("0", with(time_output::epoch_s, time_precision::s, time_truncation::month)) == "0");
  CHECK(of(R"("2024-03-01T00:30:00+01:00")",
           with(time_output::datetime, time_precision::s, time_truncation::month)) ==
        R"("2024-02-01 00:00:00")");
}

TEST_CASE("the longest time fills its room") {
  const core::parsed_timestamp last{core::epoch_s_max, 999'999'999, {}};
  CHECK(written(last, with(time_output::rfc3339, time_precision::ns)) ==
        R"("9999-12-31T23:59:59.999999999Z")");
  CHECK(written(last, with(time_output::rfc3339, time_precision::ns)).size() ==
        event::time_bytes_max);
  CHECK(written(last, with(time_output::epoch_ms, time_precision::ns)) == "253402300799999.999999");
}

TEST_CASE("a value that is neither a number nor a string is no time") {
  for (const json_kind kind :
       {json_kind::null, json_kind::boolean, json_kind::object, json_kind::array})
    CHECK(event::parse_time(kind, "true", "", any).error == "neither a number nor a string");
}

TEST_CASE("any time that is written with all its digits is read back as the same") {
  tests::seeded_random random;
  INFO(random.note());
  for (int i = 0; i < 5'000; ++i) {
    const core::parsed_timestamp time{random.between(0, core::epoch_s_max),
                                      static_cast<std::uint32_t>(random.below(1'000'000'000)),
                                      {}};
    for (const time_output output : {time_output::datetime, time_output::rfc3339,
                                     time_output::epoch_s, time_output::epoch_ms}) {
      time_rule rule = with(output, time_precision::ns);
      rule.zone_utc = true;
      rule.units = output == time_output::epoch_ms ? time_units::milliseconds : time_units::seconds;
      REQUIRE(of(written(time, rule), rule) == written(time, rule));
    }
  }
}
