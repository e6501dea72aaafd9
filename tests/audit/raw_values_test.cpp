#include "audit/values/raw_values.hpp"

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

core::record_view record(std::int64_t offset, core::maybe_bytes value,
                         std::span<const core::header_view> headers = {},
                         core::maybe_bytes key = {}) {
  core::record_view view;
  view.offset = offset;
  view.key = key;
  view.value = value;
  view.headers = headers;
  return view;
}

bool readable(const written& output, const std::string& from = input,
              raw_values::shows what = all_fields) {
  raw_values values{event::login_rules()};
  values.add_input(place.partition, record(place.offset, from));
  return values.readable_in(place, record(0, output.value, output.headers), what);
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
    values.add_input(0, record(0, from));
    values.add_input(0, record(1, {}));
    CHECK(values.counts().inputs == 0);
    CHECK_FALSE(values.readable_in({0, 0}, record(0, R"({"ip":null})"), all_fields));
  }
}

TEST_CASE("long values are bounded in all and found in a time that is not their product") {
  constexpr std::size_t mib = std::size_t{1024} * 1024;
  const std::string from = R"({"ip":")" + std::string(mib / 2, 'a') + "b\"}";
  raw_values values{event::login_rules(), mib};
  for (std::int64_t offset = 0; offset < 3; ++offset) values.add_input(0, record(offset, from));
  CHECK(values.counts().inputs == 2);
  const std::string shown(mib, 'a');
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(values.readable_in({0, 1}, record(0, shown), all_fields));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}

TEST_CASE("only the input's own values count") {
  raw_values values{event::login_rules()};
  values.add_input(1, record(17, input));
  values.add_input(1, record(18, R"({"ip":"10.20.30.40"})"));
  CHECK_FALSE(values.readable_in({1, 18}, record(0, "70.201.62.158"), all_fields));
  CHECK_FALSE(values.readable_in({0, 17}, record(0, "70.201.62.158"), all_fields));
}

namespace {

core::event_rules rules_of(std::vector<core::field_rule> fields) {
  core::event_rules rules = event::no_rules();
  rules.fields = std::move(fields);
  return rules;
}

core::field_rule treated(std::string path, core::field_method method) {
  core::field_rule rule{.path = std::move(path)};
  rule.method.method = method;
  return rule;
}

}  // namespace

TEST_CASE("a key that a rule treats is looked for in the output's key, and a kept one is not") {
  core::event_rules rules = rules_of({});
  raw_values kept{rules};
  kept.add_input(0, record(1, "{}", {}, "anna@example.com"));
  CHECK(kept.counts().inputs == 0);
  rules.key.method = core::field_method::pseudonym;
  for (const auto* key : {"anna@example.com", "ab"}) {
    raw_values values{rules};
    values.add_input(0, record(1, "{}", {}, key));
    CHECK(values.readable_in({0, 1}, record(0, "{}", {}, key), all_fields));
    CHECK_FALSE(values.readable_in({0, 1}, record(0, "{}", {}, "00ab00"), all_fields));
    CHECK_FALSE(values.readable_in({0, 1}, record(0, "{}"), all_fields));
    CHECK(values.counts().found == 1);
  }
}

TEST_CASE("a header that a rule treats is looked for under its name and in the worker's own") {
  core::event_rules rules = rules_of({});
  rules.headers = {{"x-user", {.method = core::field_method::drop}}};
  raw_values values{rules};
  const std::vector<core::header_view> given{{"x-user", "anna@example.com"}, {"trace", "0123456"}};
  values.add_input(0, record(1, "{}", given));
  CHECK(values.counts().looked_for == 1);
  const auto shown = [&values](std::string_view name) {
    const std::vector<core::header_view> headers{{name, "anna@example.com"}};
    return values.readable_in({0, 1}, record(0, "{}", headers), all_fields);
  };
  CHECK(shown("x-user"));
  CHECK(shown("turnstile-reason"));
  CHECK_FALSE(shown("trace"));
}

TEST_CASE("every method's values are looked for, in nested places too") {
  using enum core::field_method;
  for (const auto method : {pseudonym, encrypt, mask, replace, null, drop}) {
    raw_values values{rules_of({treated("user.email", method)})};
    values.add_input(0, record(1, R"({"user":{"email":"anna@example.com"},"b":1})"));
    CHECK(values.readable_in({0, 1}, record(0, R"({"x":"anna@example.com"})"), all_fields));
  }
}

TEST_CASE("what is in an object or a list that is treated is looked for by itself") {
  raw_values object{rules_of({treated("address", core::field_method::drop)})};
  object.add_input(0, record(1, R"({"address":{"street":"12 Elm Road","no":[7]},"b":1})"));
  CHECK(object.readable_in({0, 1}, record(0, R"({"x":"12 Elm Road"})"), all_fields));
  core::field_rule rule = treated("chain", core::field_method::truncate_ip);
  rule.method.list = ",";
  raw_values list{rules_of({rule})};
  list.add_input(0, record(1, R"({"chain":"203.0.113.7, 70.41.3.18"})"));
  CHECK(list.readable_in({0, 1}, record(0, R"({"x":"70.41.3.18"})"), all_fields));
}

TEST_CASE("a short value that the event keeps elsewhere is left out and counted") {
  raw_values values{rules_of({treated("country", core::field_method::pseudonym)})};
  values.add_input(0, record(1, R"({"country":"DE","locale":"DE"})"));
  values.add_input(0, record(2, R"({"country":42,"x":1})"));
  values.add_input(0, record(3, R"({"country":"FR","locale":"DE"})"));
  CHECK(values.counts().too_short == 2);
  CHECK_FALSE(values.readable_in({0, 1}, record(0, R"({"locale":"DE"})"), all_fields));
  CHECK(values.readable_in({0, 3}, record(0, R"({"country":"FR"})"), all_fields));
}

TEST_CASE("a common value that is kept elsewhere is no leak, and a rare one is") {
  raw_values values{rules_of({treated("land", core::field_method::pseudonym)})};
  for (std::int64_t offset = 0; offset < common_values::added_min; ++offset) {
    const std::string land = offset == 5 ? "Andorra" : "Germany";
    values.add_input(0, record(offset, R"({"land":")" + land + R"(","team":")" + land + "\"}"));
  }
  CHECK_FALSE(values.readable_in({0, 1}, record(0, R"({"team":"Germany"})"), all_fields));
  CHECK(values.counts().too_common == 1);
  CHECK(values.readable_in({0, 5}, record(0, R"({"team":"Andorra"})"), all_fields));
}

TEST_CASE("a common value that is kept nowhere is a leak all the same") {
  raw_values values{rules_of({treated("land", core::field_method::pseudonym)})};
  for (std::int64_t offset = 0; offset < 2 * common_values::added_min; ++offset)
    values.add_input(0, record(offset, R"({"land":"Germany"})"));
  CHECK(values.readable_in({0, 1}, record(0, R"({"land":"Germany"})"), all_fields));
}

}  // namespace turnstile::audit
