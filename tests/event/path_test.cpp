#include "event/path.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace turnstile::event;

namespace {

constexpr auto member = path_step_kind::member;
constexpr auto elements = path_step_kind::elements;

path parsed(std::string_view text) {
  CAPTURE(text);
  auto result = parse_path(text);
  CHECK(result.fault.empty());
  return result.value;
}

std::string fault_of(std::string_view text) { return parse_path(text).fault; }

/// `a.a.…`, of so many levels.
std::string deep(std::size_t levels) {
  std::string text = "a";
  for (std::size_t i = 1; i < levels; ++i) text += ".a";
  return text;
}

}  // namespace

TEST_CASE("a path is members, elements of arrays, and arrays in arrays") {
  CHECK(parsed("ip").steps == std::vector<path_step>{{member, "ip"}});
  CHECK(parsed("a.b.c").steps ==
        std::vector<path_step>{{member, "a"}, {member, "b"}, {member, "c"}});
  CHECK(parsed("a[].b").steps ==
        std::vector<path_step>{{member, "a"}, {elements, ""}, {member, "b"}});
  CHECK(parsed("a[][]").steps ==
        std::vector<path_step>{{member, "a"}, {elements, ""}, {elements, ""}});
  CHECK(parsed("@timestamp").steps == std::vector<path_step>{{member, "@timestamp"}});
}

TEST_CASE("a path with two stars is one name at any depth") {
  CHECK(parsed("**.password").steps ==
        std::vector<path_step>{{path_step_kind::member_at_any, "password"}});
  CHECK(parsed("**.\"a.b\"").steps ==
        std::vector<path_step>{{path_step_kind::member_at_any, "a.b"}});
  CHECK(is_at_any_depth(parsed("**.a")));
  CHECK_FALSE(is_at_any_depth(parsed("a")));
  CHECK_FALSE(is_at_any_depth(parsed("\"**\".a")));
  CHECK(fault_of("**") == "expects a point and a name behind ** at byte 3, where it ends");
  CHECK(fault_of("**.a.b") == "expects nothing more: ** goes with one name only at byte 5");
  CHECK(fault_of("**.a[]") == "expects nothing more: ** goes with one name only at byte 5");
  CHECK(fault_of("a.**.b") == "expects a name: ** stands at the beginning only at byte 3");
}

TEST_CASE("a name with a point, bracket or star in it is quoted") {
  CHECK(parsed("\"a.b\".c").steps == std::vector<path_step>{{member, "a.b"}, {member, "c"}});
  CHECK(parsed("\"a[]\"[].\"*\"").steps ==
        std::vector<path_step>{{member, "a[]"}, {elements, ""}, {member, "*"}});
  CHECK(parsed(R"("say \"x\\y\"")").steps == std::vector<path_step>{{member, R"(say "x\y")"}});
  CHECK(parsed("\"\"").steps == std::vector<path_step>{{member, ""}});
}

TEST_CASE("the canonical text quotes only what needs it and is read back as the same path") {
  for (const auto* text :
       {"a",        "a.b",      "a[].b",     "a[][]",     "**.name", "\"a.b\".c",   "\"\".x",
        "grüße",    "\"**\".a", R"("a\"b")", R"("\\\"")", R"(a\b)",  "two words.b", "\"$\".a",
        "\"/a\".b", "a./b",     "a.$",       "$a.b",      "\"$.a\"", "**./a"}) {
    CAPTURE(text);
    CHECK(path_text(parsed(text)) == text);
  }
  CHECK(path_text(parsed("\"ip\".\"b\"")) == "ip.b");
  CHECK(path_text(parsed("**.\"ip\"")) == "**.ip");
  CHECK(path_text({}).empty());
}

TEST_CASE("a path that is none is refused with the place where it ends to be one") {
  CHECK(fault_of("") == "is empty");
  CHECK(fault_of("a\xff") == "is not valid UTF-8");
  CHECK(fault_of(".a") == "expects a name at byte 1");
  CHECK(fault_of("a..b") == "expects a name at byte 3");
  CHECK(fault_of("a.") == "expects a name at byte 3, where it ends");
  CHECK(fault_of("[]") == "expects a name at byte 1");
  CHECK(fault_of("a.[]") == "expects a name at byte 3");
  CHECK(fault_of("a[0]") == "expects [], which is each element of an array at byte 2");
  CHECK(fault_of("a[") == "expects [], which is each element of an array at byte 2");
  CHECK(fault_of("a]") == "expects a point or []; a name that holds it is quoted at byte 2");
  CHECK(fault_of("a*") == "expects a point or []; a name that holds it is quoted at byte 2");
  CHECK(fault_of("a[]b") == "expects a point or []; a name that holds it is quoted at byte 4");
  CHECK(fault_of("\"a") == "has no end of the quotes that begin at byte 1");
  CHECK(fault_of("a.\"b\\") == "expects \" or \\ behind a \\ at byte 6, where it ends");
  CHECK(fault_of("\"\\n\"") == "expects \" or \\ behind a \\ at byte 3");
  CHECK(parse_path("a[0]").value.steps.empty());
}

TEST_CASE("a path in the form of JSONPath or JSON Pointer is refused, and the own form told") {
  CHECK(fault_of("$.customer.email") == "is in the form of JSONPath; write customer.email");
  CHECK(fault_of("$.items[*].ip") == "is in the form of JSONPath; write items[].ip");
  CHECK(fault_of("$..password") == "is in the form of JSONPath; write **.password");
  CHECK(fault_of("/customer/name") == "is in the form of JSON Pointer; write customer.name");
  CHECK(fault_of("/ip") == "is in the form of JSON Pointer; write ip");
  for (const auto* text : {"$['a']", "$[0]", "$.", "$.a[0]", "$..", "$...a", "$.$.a"})
    CHECK(fault_of(text) ==
          "is in the form of JSONPath; names here have points between, as in a.b and a[].b");
  for (const auto* text : {"/", "//", "/items/0/ip", "/a~1b", "/a.b/"})
    CHECK(fault_of(text) ==
          "is in the form of JSON Pointer; names here have points between, as in a.b and a[].b");
}

TEST_CASE("members whose names look like the forms of others are named in quotes") {
  CHECK(parsed("\"$\".a").steps == std::vector<path_step>{{member, "$"}, {member, "a"}});
  CHECK(parsed("\"/a\"").steps == std::vector<path_step>{{member, "/a"}});
  CHECK(parsed("$id").steps == std::vector<path_step>{{member, "$id"}});
  CHECK(parsed("$").steps == std::vector<path_step>{{member, "$"}});
}

TEST_CASE("a path has 32 levels at most, those of arrays too") {
  CHECK(parsed(deep(32)).steps.size() == 32);
  CHECK(fault_of(deep(33)) == "has more than 32 levels");
  CHECK(fault_of(deep(31) + "[]").empty());
  CHECK(fault_of(deep(31) + "[][]") == "has more than 32 levels");
}

TEST_CASE("names are more specific than elements, and those than any depth") {
  const auto order = [](const char* a, const char* b) {
    return compare_specificity(parsed(a), parsed(b));
  };
  CHECK(order("a.b", "a[].b") > 0);
  CHECK(order("a[].b", "**.b") > 0);
  CHECK(order("b", "**.b") > 0);
  CHECK(order("**.b", "a[].b") < 0);
  CHECK(order("a.b", "c") == 0);
}

TEST_CASE("a path lies below another where that one is its beginning") {
  CHECK(is_below(parsed("a.b"), parsed("a")));
  CHECK(is_below(parsed("a[].b"), parsed("a[]")));
  CHECK(is_below(parsed("a[]"), parsed("a")));
  CHECK_FALSE(is_below(parsed("a"), parsed("a")));
  CHECK_FALSE(is_below(parsed("ab.c"), parsed("a")));
  CHECK_FALSE(is_below(parsed("a.b"), parsed("a[]")));
}
