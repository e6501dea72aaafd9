#include "app/watch/record_filter.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

bool takes(const std::vector<std::string>& where, std::string_view value) {
  std::vector<where_clause> clauses;
  for (const auto& text : where) {
    CHECK(where_fault(text).empty());
    clauses.push_back(where_of(text));
  }
  record_filter filter{{}, std::move(clauses)};
  return filter.takes({.value = value});
}

}  // namespace

TEST_CASE("a value at a path is compared as text, a number or a word as it stands there") {
  const auto* event =
      R"({"a":{"b":"x\"y","n":12,"t":true,"z":null,"o":{}},"l":[{"id":1},{"id":2}]})";
  CHECK(takes({R"(a.b=x"y)"}, event));
  CHECK(takes({"a.n=12"}, event));
  CHECK(takes({"a.t=true"}, event));
  CHECK(takes({"a.z=null"}, event));
  CHECK_FALSE(takes({"a.b=x"}, event));
  CHECK_FALSE(takes({"a.n=12.0"}, event));
  CHECK_FALSE(takes({"a.o={}"}, event));
  CHECK_FALSE(takes({"b=x"}, event));
}

TEST_CASE("of an array's elements, and at any depth, one is enough") {
  const auto* event = R"({"l":[{"id":1},{"id":2}],"deep":{"er":{"email":"e@x"}}})";
  CHECK(takes({"l[].id=2"}, event));
  CHECK_FALSE(takes({"l[].id=3"}, event));
  CHECK(takes({"**.email=e@x"}, event));
  CHECK_FALSE(takes({"**.email=f@x"}, event));
}

TEST_CASE("all clauses must hold, also two at one path") {
  const auto* event = R"({"a":"1","l":[1,2]})";
  CHECK(takes({"a=1", "l[]=2"}, event));
  CHECK_FALSE(takes({"a=1", "l[]=3"}, event));
  CHECK(takes({"l[]=1", "l[]=2"}, event));
  CHECK_FALSE(takes({"a=1", "a=2"}, event));
}

TEST_CASE("a name or a value may hold an equals sign, and a value may be empty") {
  CHECK(takes({R"("a=b"=c=d)"}, R"({"a=b":"c=d"})"));
  CHECK(takes({"a="}, R"({"a":""})"));
}

TEST_CASE("what is no JSON object has nothing at any path") {
  for (const std::string_view value : {"", "[1]", "a", "{\"a\":1"})
    CHECK_FALSE(takes({"a=1"}, value));
  record_filter filter{{}, {where_of("a=1")}};
  CHECK_FALSE(filter.takes({}));
}

TEST_CASE("what is no clause is told without more than a piece of it") {
  CHECK(where_fault("a") == "expects PATH=VALUE, not \"a\"");
  CHECK(where_fault("=1") == "expects PATH=VALUE, not \"=1\"");
  CHECK(where_fault("a..b=1") == "the path expects a name at byte 3");
  CHECK(where_fault(std::string(1000, 'x')).size() < 200);
}

TEST_CASE("reasons are those of the header, one of several is enough") {
  const std::vector<core::header_view> headers{{"turnstile-reason", "bad_value"}};
  const core::record_view record{.value = R"({"a":1})", .headers = headers};
  CHECK(record_filter({"tombstone", "bad_value"}, {}).takes(record));
  CHECK_FALSE(record_filter({"tombstone"}, {}).takes(record));
  CHECK_FALSE(record_filter({"bad_value"}, {}).takes({.value = R"({"reason":"bad_value"})"}));
  CHECK_FALSE(record_filter({"bad_value"}, {where_of("a=2")}).takes(record));
  CHECK(record_filter({}, {}).takes(record));
}

}  // namespace turnstile::app
