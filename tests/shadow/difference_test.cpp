// Where two outcomes differ.
#include "app/shadow/difference.hpp"

#include <array>

#include <doctest/doctest.h>

namespace turnstile::shadow {
namespace {

unpacked of_value(std::string_view value, ending end = processed) {
  unpacked out;
  out.of.end = end;
  out.of.value = value;
  return out;
}

std::string text_of(const std::vector<difference>& all) {
  std::string out;
  for (const auto& one : all) out += one.name + " " + one.before + " " + one.after + "; ";
  return out;
}

std::string between(std::string_view before, std::string_view after, ending end = processed) {
  return text_of(find_differences(of_value(before, end), of_value(after, end), 0));
}

}  // namespace

TEST_CASE("a value that differs is named by its path") {
  CHECK(between(R"({"a":1,"b":{"c":"x","d":2}})", R"({"a":1,"b":{"c":"y","d":2}})") ==
        R"(b.c "x" "y"; )");
  CHECK(between(R"({"a":1,"b":2})", R"({"b":2})") == "a 1 ; ");
  CHECK(between(R"({"a":1})", R"({"b":2,"a":1})") == "b  2; ");
  CHECK(between(R"({"a":{"b":1}})", R"({"a":"s"})") == R"(a {"b":1} "s"; )");
}

TEST_CASE("elements of an array have one path, named once") {
  CHECK(between(R"({"a":[{"b":1},{"b":2}]})", R"({"a":[{"b":3},{"b":4}]})") == "a[].b 1 3; ");
  CHECK(between(R"({"a":[1]})", R"({"a":[1,2]})") == "a[]  2; ");
}

TEST_CASE("names with signs in them are quoted, and those with a colon are no part of the record") {
  CHECK(between(R"({"a.b":1})", R"({"a.b":2})") == R"("a.b" 1 2; )");
  CHECK(between(R"({"record:key":1})", R"({"record:key":2})") == R"("record:key" 1 2; )");
  CHECK(between(R"({"a\"b":1})", R"({"a\"b":2})") == R"("a\"b" 1 2; )");
}

TEST_CASE("the order of members alone differs at the object that holds them") {
  CHECK(between(R"({"o":{"a":1,"b":2}})", R"({"o":{"b":2,"a":1}})") ==
        R"(o {"a":1,"b":2} {"b":2,"a":1}; )");
}

TEST_CASE("what is no JSON differs as a whole, and nothing is read beyond it") {
  CHECK(between("x", "y") == "record:value x y; ");
  for (const auto* broken : {"{", R"({"a)", R"({"a\)", R"({"a":)", "{]", R"({"a" 1})", "{,,:"})
    CHECK_FALSE(between(broken, R"({"a":1})").empty());
}

TEST_CASE("of an error the event and what wraps it are told apart") {
  const ending end = ending_of(core::reason::bad_value);
  CHECK(between(R"({"user_id":"a","error_type":"E","message_content":{"x":1})",
                R"({"user_id":"b","error_type":"F","message_content":{"x":2})",
                end) == R"(record:user_id "a" "b"; record:error_type "E" "F"; x 1 2; )");
}

TEST_CASE("keys, headers and frames differ by name") {
  auto before = of_value("1{}");
  auto after = of_value("2{}");
  before.of.key = "k";
  const std::array<core::header_view, 2> old{{{"h", "1"}, {"gone", "x"}}};
  const std::array<core::header_view, 2> made{{{"h", std::nullopt}, {"new", "y"}}};
  before.of.headers = old;
  after.of.headers = made;
  CHECK(text_of(find_differences(before, after, 1)) ==
        "record:key \"k\" null; header:h \"1\" null; header:gone \"x\" ; header:new  \"y\"; "
        "record:frame \"1\" \"2\"; ");
}

TEST_CASE("a pair has a bounded number of differences") {
  std::string before = "{";
  std::string after = "{";
  for (std::size_t i = 0; i < differences_max + 10; ++i) {
    const std::string name = (i > 0 ? ",\"n" : "\"n") + std::to_string(i) + "\":";
    before += name + "1";
    after += name + "2";
  }
  const auto found = find_differences(of_value(before + "}"), of_value(after + "}"), 0);
  CHECK(found.size() == differences_max);
}

}  // namespace turnstile::shadow
