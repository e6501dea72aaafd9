#include "app/logging/log_line.hpp"

#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

namespace turnstile::app {

namespace {

using core::log_format;
using core::severity;

const std::chrono::system_clock::time_point noon{std::chrono::milliseconds(1'795'403'733'123)};

std::string logfmt(std::string_view event, std::initializer_list<core::log_field> fields) {
  const auto line = log_line(log_format::logfmt, noon, severity::info, event, fields);
  const std::string head = "ts=2026-11-23T03:15:33.123Z level=info ";
  REQUIRE(line.starts_with(head));
  return line.substr(head.size());
}

std::string json(std::string_view event, std::initializer_list<core::log_field> fields) {
  return log_line(log_format::json, noon, severity::warning, event, fields);
}

}  // namespace

TEST_CASE("timestamps are UTC with milliseconds, before the epoch too") {
  CHECK(timestamp_text(noon) == "2026-11-23T03:15:33.123Z");
  CHECK(timestamp_text({}) == "1970-01-01T00:00:00.000Z");
  CHECK(timestamp_text(std::chrono::system_clock::time_point{-std::chrono::milliseconds(1)}) ==
        "1969-12-31T23:59:59.999Z");
}

TEST_CASE("an event is one logfmt line with its fields in order") {
  CHECK(logfmt("partition assigned", {{"topic", "user-login"}, {"partition", 3}, {"share", 0.5}}) ==
        "event=\"partition assigned\" topic=user-login partition=3 share=0.500");
}

TEST_CASE("the largest number is whole") {
  const auto line = logfmt("e", {{"x", std::numeric_limits<double>::lowest()}});
  CHECK(line.starts_with("event=e x=-179769313486231570"));
  CHECK(line.size() == 10 + 1 + 309 + 4);
}

TEST_CASE("logfmt quotes what would not read back") {
  CHECK(logfmt("e", {{"a", ""}}) == "event=e a=\"\"");
  CHECK(logfmt("e", {{"a", "x=y"}}) == "event=e a=\"x=y\"");
  CHECK(logfmt("e", {{"a", "say \"hi\""}}) == R"(event=e a="say \"hi\"")");
  CHECK(logfmt("e", {{"a", "back\\slash"}}) == R"(event=e a="back\\slash")");
  CHECK(logfmt("e", {{"a", "grüße"}}) == "event=e a=\"grüße\"");
}

TEST_CASE("no field can begin a new line or move the cursor") {
  const std::string hostile = std::string("a\nlevel=error\r\t\x1b[2J\x7f\0", 20) + "\xc2\x9b";
  for (const auto& line : {logfmt(hostile, {{"x", hostile}}), json(hostile, {{"x", hostile}})}) {
    for (const char c : line) {
      CHECK(static_cast<unsigned char>(c) >= 0x20);
      CHECK(c != '\x7f');
    }
    CHECK(line.find("\xc2\x9b") == std::string::npos);
  }
}

TEST_CASE("invalid UTF-8 becomes replacement characters") {
  CHECK(logfmt("e", {{"a", "x\xff\xfey"}}) == "event=e a=\"x\xef\xbf\xbd\xef\xbf\xbdy\"");
  CHECK(logfmt("e", {{"a", "cut\xe4\xb8"}}) == "event=e a=\"cut\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("a field's name cannot break the line either") {
  CHECK(logfmt("e", {{"a b=\n", 1}}) == "event=e a_b__=1");
}

TEST_CASE("a JSON line reads back as the same fields") {
  const std::string hostile = "q\" b\\ n\n t\t \x01 grüße";
  rapidjson::Document line;
  line.Parse(
      json("partition assigned", {{"partition", -3}, {"text", hostile}, {"f", 1.25}}).c_str());
  REQUIRE_FALSE(line.HasParseError());
  CHECK(std::string(line["ts"].GetString()) == "2026-11-23T03:15:33.123Z");
  CHECK(std::string(line["level"].GetString()) == "warning");
  CHECK(std::string(line["event"].GetString()) == "partition assigned");
  CHECK(line["partition"].GetInt() == -3);
  CHECK(std::string(line["text"].GetString()) == hostile);
  CHECK(line["f"].GetDouble() == 1.25);
}

TEST_CASE("what is not known is none, and null in JSON") {
  const std::optional<std::int64_t> nothing;
  const std::optional<std::int64_t> seven = 7;
  CHECK(logfmt("e", {{"a", nothing}, {"b", seven}}) == "event=e a=none b=7");
  rapidjson::Document line;
  line.Parse(json("e", {{"a", nothing}, {"b", seven}, {"c", "none"}}).c_str());
  REQUIRE_FALSE(line.HasParseError());
  CHECK(line["a"].IsNull());
  CHECK(line["b"].GetInt() == 7);
  CHECK(line["c"].IsString());
}

TEST_CASE("numbers that JSON does not have are strings") {
  for (const double odd :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    rapidjson::Document line;
    line.Parse(json("e", {{"f", odd}}).c_str());
    REQUIRE_FALSE(line.HasParseError());
    CHECK(line["f"].IsString());
  }
}

TEST_CASE("text that looks like a number stays text in JSON") {
  CHECK(json("e", {{"a", "007"}}).ends_with(R"("event":"e","a":"007"})"));
}

}  // namespace turnstile::app
