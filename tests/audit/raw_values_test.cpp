#include "audit/raw_values.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "event/presets.hpp"

namespace turnstile::audit {
namespace {

const std::string input =
    R"({"user_id":"u","ip":"70.201.62.158","device_id":"f6a1\u0062aa4-af52","locale":"KS"})";
constexpr auditor::place place{1, 17};

struct written {
  std::string value;
  std::vector<core::header_view> headers;
};

using enum raw_values::shows;

bool readable(const written& output, const std::string& from = input,
              raw_values::shows what = all_fields) {
  raw_values values{event::login_rules()};
  values.add_input(place.partition, place.offset, from);
  return values.readable_in(place, output.value, output.headers, what);
}

}  // namespace

TEST_CASE("finds raw values wherever they were planted") {
  const std::vector<written> planted{
      {R"({"ip":"70.201.62.158"})", {}},
      {R"({"device_id":"f6a1baa4-af52"})", {}},
      {R"({"device_id":"f6a1\u0062aa4-af52"})", {}},
      {R"({"error_type":"bad address 70.201.62.158 in it"})", {}},
      {R"({"message_content":{"deep":["70.201.62.158"]}})", {}},
      {"", {{"turnstile-worker", "w/70.201.62.158"}}},
  };
  for (const auto& output : planted) {
    CAPTURE(output.value);
    CHECK(readable(output));
  }
}

TEST_CASE("pseudonyms, other addresses and carried headers are no raw values") {
  CHECK_FALSE(readable({R"({"ip":"0ee333183972","device_id":"70.201.62.15"})", {}}));
  CHECK_FALSE(readable({"", {{"trace", "70.201.62.158"}}}));
}

TEST_CASE("a short value is found as a whole only: it may be a part of any pseudonym") {
  const std::string from = R"({"ip":"beef"})";
  CHECK(readable({R"({"ip":"beef"})", {}}, from));
  CHECK_FALSE(readable({R"({"ip":"00beef00"})", {}}, from));
}

TEST_CASE("an address at any depth of an input is found in its error record, not in an output") {
  for (const std::string from :
       {R"({"client":{"ip":"203.0.113.7"}})", R"({"chain":[["x",{"a":"203.0.113.7"}]],"ip":null})",
        R"({"ip":["203.0.113.7"]})", R"({"timestamp":"203.0.113.7","locale":"KS"})",
        R"({"203.0.113.7":1})", R"({"a":"203.\u0030.113.7"})", R"([{"ip":"203.0.113.7"}])",
        R"({"a":"203.0.113.7","b":)", R"("203.0.113.7")"}) {
    CAPTURE(from);
    const written leak{R"({"message_content":{"a":"203.0.113.7"}})", {}};
    CHECK(readable(leak, from, known_fields));
    CHECK_FALSE(readable({R"({"message_content":{}})", {}}, from, known_fields));
    CHECK_FALSE(readable({R"({"a":"203.0.113.70"})", {}}, R"({"a":"203.0.113.8"})", known_fields));
  }
  CHECK_FALSE(readable({R"({"net":{"a":"203.0.113.7"}})", {}}, R"({"net":{"a":"203.0.113.7"}})"));
  CHECK(readable({R"({"a":"::1"})", {}}, R"({"x":["::1"]})", known_fields));
  CHECK_FALSE(readable({R"({"a":"2001:db8::1"})", {}}, R"({"x":["::1"]})", known_fields));
}

TEST_CASE("what a known field says as well is no leak") {
  const std::string from =
      R"({"app_version":"2.3.0.1","user_id":"203.0.113.7","x":["203.0.113.7","2.3.0.1"]})";
  CHECK_FALSE(
      readable({R"({"user_id":"203.0.113.7","app_version":"2.3.0.1"})", {}}, from, known_fields));
}

TEST_CASE("what has no such values is not looked for") {
  for (const auto* from : {"", "[]", "{", R"({"ip":null,"device_id":""})", R"({"locale":"KS"})"}) {
    CAPTURE(from);
    raw_values values{event::login_rules()};
    values.add_input(0, 0, core::maybe_bytes{from});
    values.add_input(0, 1, core::maybe_bytes{});
    CHECK(values.inputs() == 0);
    CHECK_FALSE(values.readable_in({0, 0}, core::maybe_bytes{R"({"ip":null})"}, {}, all_fields));
  }
}

TEST_CASE("long values are bounded in all and found in a time that is not their product") {
  constexpr std::size_t mib = std::size_t{1024} * 1024;
  const std::string from = R"({"ip":")" + std::string(mib / 2, 'a') + "b\"}";
  raw_values values{event::login_rules(), mib};
  for (std::int64_t offset = 0; offset < 3; ++offset)
    values.add_input(0, offset, core::maybe_bytes{from});
  CHECK(values.inputs() == 2);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(values.readable_in({0, 1}, core::maybe_bytes{std::string(mib, 'a')}, {}, all_fields));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}

TEST_CASE("only the input's own values count") {
  raw_values values{event::login_rules()};
  values.add_input(1, 17, core::maybe_bytes{input});
  values.add_input(1, 18, core::maybe_bytes{R"({"ip":"10.20.30.40"})"});
  CHECK_FALSE(values.readable_in({1, 18}, core::maybe_bytes{"70.201.62.158"}, {}, all_fields));
  CHECK_FALSE(values.readable_in({0, 17}, core::maybe_bytes{"70.201.62.158"}, {}, all_fields));
}

}  // namespace turnstile::audit
