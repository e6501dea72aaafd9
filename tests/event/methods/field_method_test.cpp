#include "event/methods/field_method.hpp"

#include <doctest/doctest.h>

#include "tests/event/methods/method_fixture.hpp"

using namespace turnstile;
using core::method_rule;
using tests::method_fixture;

namespace {

const std::vector<std::string> tokens{
    "null", "true", "-12.50e+3", R"("")", R"("a\u00e4\/\"")", "[1, [2 , {}]]", R"({"a" : [ ] })"};

std::string pseudonym_of(std::string_view text) { return tests::test_keys().pseudonyms->of(text); }

}  // namespace

TEST_CASE("keep leaves each token's bytes, without blanks between tokens") {
  const method_fixture keep{method_rule{}};
  for (const auto* token : {"null", "true", "-12.50e+3", R"("a\u00e4\/ \"")"})
    CHECK(keep.of_token(token) == token);
  CHECK(keep.of_token(R"({"a b" : [ 1 , {} ] })") == R"({"a b":[1,{}]})");
}

TEST_CASE("drop, null and replace ask nothing of the value") {
  for (const std::string& token : tokens) {
    CHECK(method_fixture({.method = core::field_method::drop}).of_token(token) == "<dropped>");
    CHECK(method_fixture({.method = core::field_method::null}).of_token(token) == "null");
    const method_rule replace{.method = core::field_method::replace, .value = R"("hidden")"};
    CHECK(method_fixture(replace).of_token(token) == R"("hidden")");
  }
}

TEST_CASE("a pseudonym is that of a string's unescaped bytes and of any other value's token") {
  const method_fixture pseudonym({.method = core::field_method::pseudonym});
  CHECK(pseudonym.of("70.201.62.158") == pseudonym_of("70.201.62.158"));
  CHECK(pseudonym.of(R"(\u00e4\u0000)") == pseudonym_of(std::string_view("ä\0", 3)));
  CHECK(pseudonym.of("") == pseudonym_of(""));
  CHECK(pseudonym.of_token("-12.50e+3") == '"' + pseudonym_of("-12.50e+3") + '"');
  CHECK(pseudonym.of_token(R"({"a b" : [ 1 , {} ] })") ==
        '"' + pseudonym_of(R"({"a b":[1,{}]})") + '"');
  CHECK(pseudonym.of_token("null") == "null");
}

TEST_CASE("digits are the first ones of the whole pseudonym") {
  for (const int digits : {16, 17, 63, 64})
    CHECK(method_fixture({.method = core::field_method::pseudonym, .digits = digits}).of("x") ==
          pseudonym_of("x").substr(0, static_cast<std::size_t>(digits)));
}

TEST_CASE("with the scope of a path, the path and a NUL byte are hashed before the value") {
  const method_rule rule{.method = core::field_method::pseudonym,
                         .scope = core::pseudonym_scope::path};
  CHECK(method_fixture(rule, "a.b").of("x") == pseudonym_of(std::string_view("a.b\0x", 5)));
  CHECK(method_fixture(rule, "a.b").of_token("[ 1]") ==
        '"' + pseudonym_of(std::string_view("a.b\0[1]", 7)) + '"');
  CHECK(method_fixture(rule, "a.b").of("x") != method_fixture(rule, "a.c").of("x"));
  const std::string path(500, 'p');
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 3000U}) {
    const std::string value(size, 'v');
    CHECK(method_fixture(rule, path).of(value) == pseudonym_of(path + '\0' + value));
  }
}
