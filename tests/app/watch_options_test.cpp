#include "app/watch/watch_options.hpp"

#include <string>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

using kafka_io::read_from;

const std::chrono::system_clock::time_point now{std::chrono::seconds{1'729'894'074}};

void check_start(const std::string& text, read_from from, std::int64_t value) {
  CAPTURE(text);
  const auto start = watch_start_of(text, now);
  REQUIRE(start.has_value());
  CHECK(start->from == from);
  CHECK(start->value == value);
  CHECK(watch_start_fault(text).empty());
}

TEST_CASE("watch begins at an end, an offset, so many before the end, or a time") {
  check_start("beginning", read_from::beginning, 0);
  check_start("end", read_from::end, 0);
  check_start("0", read_from::offset, 0);
  check_start("9223372036854775807", read_from::offset, INT64_MAX);
  check_start("-1", read_from::last, 1);
  check_start("-1000000", read_from::last, watch_last_max);
  check_start("2024-10-25T22:07:54Z", read_from::time, 1'729'894'074'000);
  check_start("2024-10-26T00:07:54+02:00", read_from::time, 1'729'894'074'000);
}

TEST_CASE("a duration is a time before now") {
  const auto start = [](const char* text) { return watch_start_of(text, now)->value; };
  CHECK(start("90s") == 1'729'893'984'000);
  CHECK(start("10m") == 1'729'893'474'000);
  CHECK(start("2h") == 1'729'886'874'000);
  CHECK(start("3650d") == 1'414'534'074'000);
}

TEST_CASE("what is no place to begin is refused with what is one") {
  for (const auto* text : {"", "middle", "-0", "-", "-1000001", "9223372036854775808", "10x", "m",
                           "-5m", "3651d", "1.5h", "2024-10-25", "2024-10-25T22:07:54",
                           "9999-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "+5"}) {
    CAPTURE(text);
    CHECK_FALSE(watch_start_of(text, now).has_value());
    CHECK(watch_start_fault(text).find("-N") != std::string::npos);
  }
}

TEST_CASE("where watch begins is told in words") {
  const auto told = [](const char* text) { return watch_start_text(*watch_start_of(text, now)); };
  CHECK(told("end") == "from the end");
  CHECK(told("1234") == "from offset 1,234");
  CHECK(told("-5") == "the last 5 of each partition");
  CHECK(told("2024-10-25T22:07:54Z") == "from 2024-10-25T22:07:54.000Z");
}

}  // namespace
}  // namespace turnstile::app
