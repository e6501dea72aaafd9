#include "event/field_account.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace turnstile;
using event::account_fields;
using event::accounted_field;
using event::field_fate;

namespace {

core::event_rules rules_for(std::vector<std::pair<std::string, core::field_method>> given) {
  core::event_rules out;
  for (auto& [path, method] : given)
    out.fields.push_back({.path = std::move(path), .method = {.method = method}});
  return out;
}

using enum core::field_method;
using texts = std::vector<std::string>;

texts paths_of(const std::vector<accounted_field>& fields) {
  texts out;
  for (const auto& field : fields) out.push_back(field.path);
  return out;
}

}  // namespace

TEST_CASE("a field without a rule is told as a whole, and kept") {
  const auto fields = account_fields({}, R"({"a": {"b": 1}, "c": []})", R"({"a":{"b":1},"c":[]})");
  CHECK(paths_of(fields) == texts{"a", "c"});
  for (const auto& field : fields) {
    CHECK(field.rule.empty());
    CHECK(field.fate == field_fate::kept);
  }
}

TEST_CASE("what a rule changed, left out or kept is told by path, all elements as one") {
  const auto rules = rules_for({{"a[].b", mask}, {"c", drop}, {"d.e", keep}, {"**.f", drop}});
  const auto fields =
      account_fields(rules, R"({"a":[{"b":"x"},{"b":"y","f":1}],"c":1,"d":{"e":2,"g":3}})",
                     R"({"a":[{"b":"*"},{"b":"*"}],"d":{"e":2,"g":3}})");
  REQUIRE(paths_of(fields) == texts{"a[].b", "a[].f", "c", "d.e", "d.g"});
  CHECK(fields[0].fate == field_fate::changed);
  CHECK(fields[0].method == mask);
  CHECK(fields[0].after == texts{"\"*\"", "\"*\""});
  CHECK(fields[1].fate == field_fate::left_out);
  CHECK(fields[1].rule == "**.f");
  CHECK(fields[2].fate == field_fate::left_out);
  CHECK(fields[3].fate == field_fate::kept);
  CHECK(fields[3].rule == "d.e");
  CHECK(fields[4].rule.empty());
}

TEST_CASE("a name's own rule holds over that of any depth") {
  const auto rules = rules_for({{"**.ip", drop}, {"a.ip", keep}});
  const auto fields = account_fields(rules, R"({"a":{"ip":"x"},"ip":"y"})", R"({"a":{"ip":"x"}})");
  REQUIRE(paths_of(fields) == texts{"a.ip", "ip"});
  CHECK(fields[0].rule == "a.ip");
  CHECK(fields[1].rule == "**.ip");
}

TEST_CASE("what is replaced as a whole is not looked into") {
  const auto rules = rules_for({{"a", pseudonym}, {"**.b", drop}});
  const auto fields = account_fields(rules, R"({"a":{"b":1}})", R"({"a":"00"})");
  REQUIRE(paths_of(fields) == texts{"a"});
  CHECK(fields[0].fate == field_fate::changed);
}

TEST_CASE("a default that was appended is told as added") {
  auto rules = rules_for({{"a.b", keep}});
  rules.fields[0].default_token = "1";
  const auto fields = account_fields(rules, R"({"a":{}})", R"({"a":{"b":1}})");
  REQUIRE(paths_of(fields) == texts{"a", "a.b"});
  CHECK(fields[1].fate == field_fate::added);
  CHECK(account_fields(rules, R"({})", R"({})").empty());
}

TEST_CASE("numbers are compared as they are written") {
  const auto fields = account_fields({}, R"({"a":1.50,"b":12345678901234567890123})",
                                     R"({"a":1.50,"b":12345678901234567890123})");
  CHECK(std::ranges::all_of(fields, [](const auto& f) { return f.fate == field_fate::kept; }));
}

TEST_CASE("numbers are told as their tokens, strings in quotes") {
  const auto fields =
      account_fields({}, R"({"a":48,"b":"48","c":[1.50,"\"x"],"d":{"1":-0E+1}})", R"({"a":"48"})");
  REQUIRE(paths_of(fields) == texts{"a", "b", "c", "d"});
  CHECK(fields[0].before == texts{"48"});
  CHECK(fields[0].after == texts{"\"48\""});
  CHECK(fields[0].fate == field_fate::changed);
  CHECK(fields[1].before == texts{"\"48\""});
  CHECK(fields[2].before == texts{R"([1.50,"\"x"])"});
  CHECK(fields[3].before == texts{R"({"1":-0E+1})"});
}

TEST_CASE("a rule whose path no member has is told, also one of any depth") {
  using event::unmatched_rules;
  const auto rules =
      rules_for({{"a", keep}, {"a.b", drop}, {"c[].d", drop}, {"**.e", drop}, {"**.f", drop}});
  CHECK(unmatched_rules(rules, R"({"a":{"b":null},"c":[{},{"d":1}],"x":[{"e":1,"f":2}]})").empty());
  CHECK(unmatched_rules(rules, R"({"a":{},"c":[],"f":""})") == texts{"a.b", "c[].d", "**.e"});
  CHECK(unmatched_rules(rules, R"({"a":"e","c":{"d":1}})") ==
        texts{"a.b", "c[].d", "**.e", "**.f"});
  for (const auto* text : {"", "[]", "{"}) CHECK(unmatched_rules(rules, text).empty());
}

TEST_CASE("what is no object has no fields") {
  for (const auto* text : {"", "[]", "1", "{", "{\"a\":}"})
    CHECK(account_fields({}, text, "").empty());
}
