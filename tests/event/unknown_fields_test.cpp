#include <string>

#include <doctest/doctest.h>

#include "event/event_transform.hpp"
#include "tests/event/rules_fixture.hpp"

using namespace turnstile::core;
using turnstile::tests::rules_fixture;
using method = turnstile::core::field_method;

TEST_CASE_FIXTURE(rules_fixture,
                  "unknown fields are dropped at any depth, the way to a path stays") {
  rules.unknown = unknown_policy::drop;
  add("a.b");
  add("c[].d");
  add("whole");
  CHECK(
      made(
          R"({"x":1,"a":{"y":{"b":1},"b":2,"z":3},"c":[1,{"d":4,"e":5},[6]],"whole":{"q":[1]}})") ==
      R"({"a":{"b":2},"c":[{"d":4},[]],"whole":{"q":[1]}})");
  CHECK(made(R"({"a":5,"c":{"d":1},"b":1})") == R"({"c":{}})");
  CHECK(made(R"({"a":{"x":1},"c":[[],{}]})") == R"({"a":{},"c":[[],{}]})");
}

TEST_CASE_FIXTURE(
    rules_fixture,
    "fields without a rule are counted, dropped or kept, but not of events that fail") {
  add("a.b");
  add("n", method::keep).required = true;
  CHECK(made(R"({"x":1,"a":{"y":[1,2],"b":2},"n":1})") == R"({"x":1,"a":{"y":[1,2],"b":2},"n":1})");
  CHECK(batch.unknown_fields == 2);
  rules.unknown = unknown_policy::drop;
  CHECK(made(R"({"x":1,"n":1})") == R"({"n":1})");
  CHECK(batch.unknown_fields == 3);
  CHECK(made(R"({"x":1})") == "missing_fields: Missing fields: n");
  CHECK(batch.unknown_fields == 3);
}

TEST_CASE_FIXTURE(rules_fixture, "the first unknown field can be an error that names its path") {
  rules.unknown = unknown_policy::error;
  add("a.b");
  add("c[].d");
  add("whole");
  const auto unknown = [](std::string path) { return "unknown_field: Unknown field: " + path; };
  CHECK(made(R"({"a":{"b":1},"c":[{"d":1},{}],"whole":{"x":[1]}})") ==
        R"({"a":{"b":1},"c":[{"d":1},{}],"whole":{"x":[1]}})");
  CHECK(made(R"({"a":{"b":1,"c d":2},"y":3})") == unknown("a.c d"));
  CHECK(made(R"({"c":[{"d":1},{"d":1,"e":{"f":1}}]})") == unknown("c[].e"));
  CHECK(made(R"({"c":[7]})") == unknown("c[]"));
  CHECK(made(R"({"a":1})") == unknown("a"));
  CHECK(made(R"({"a.b":1})") == unknown("\"a.b\""));
  CHECK(made(R"({"\u0061\"x":1})") == unknown(R"("a\"x")"));
}
