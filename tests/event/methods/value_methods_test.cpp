#include "event/methods/value_methods.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/event/methods/method_fixture.hpp"
#include "tests/support/seeded_random.hpp"

using namespace turnstile;
using core::canonical_form;
using core::invalid_value;
using core::method_rule;
using method = core::field_method;
using tests::method_fixture;

namespace {

std::string pseudonym_of(std::string_view text) { return tests::test_keys().pseudonyms->of(text); }

std::string masked(std::string_view text, std::int64_t first, std::int64_t last,
                   std::string with = "*") {
  return method_fixture({.method = method::mask,
                         .keep_first = first,
                         .keep_last = last,
                         .with = std::move(with)})
      .of(text);
}

std::string rounded(std::string_view token, double to = 10) {
  return method_fixture({.method = method::round, .to = to}).of_token(token);
}

__extension__ using int128 = __int128;

/// The integer's text.
std::string text_of(int128 value) {
  const bool negative = value < 0;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + (negative ? -(value % 10) : value % 10)));
    value /= 10;
  } while (value != 0);
  return (negative ? "-" : "") + digits;
}

}  // namespace

TEST_CASE("mask replaces code points and leaves the first and last ones") {
  CHECK(masked("anna@example.com", 0, 0) == "****************");
  CHECK(masked("anna@example.com", 0, 4) == "************.com");
  CHECK(masked("anna@example.com", 2, 4) == "an**********.com");
  CHECK(masked("äöü€😀x", 1, 2) == "ä***😀x");
  CHECK(masked("äöü", 0, 1, "•") == "••ü");
  CHECK(masked("abc", 1, 1, "") == "ac");
  CHECK(masked(R"(\"\\\n\u0001x)", 2, 2, "\"") == R"(\"\\\"\u0001x)");
  CHECK(masked("", 0, 0).empty());
}

TEST_CASE("a value no longer than what mask keeps is masked whole") {
  CHECK(masked("abcd", 2, 1) == "ab*d");
  CHECK(masked("abc", 2, 1) == "***");
  CHECK(masked("ab", 2, 1) == "**");
  CHECK(masked("äö", 0, 2) == "**");
  CHECK(masked("äöü", 0, 2) == "*öü");
  CHECK(masked("abc", event::mask_keep_max, event::mask_keep_max) == "***");
}

TEST_CASE("mask makes a string of a number, and takes nothing else") {
  const method_fixture mask({.method = method::mask, .keep_last = 2});
  CHECK(mask.of_token("-49301234567") == R"("**********67")");
  for (const auto* token : {"true", "[1]", "{}"}) CHECK(mask.of_token(token) == "<invalid>");
  CHECK(mask.of_token("null") == "null");
}

TEST_CASE("mask of a megabyte with the longest replacement fits its room") {
  const std::string with = "😀😀😀😀";
  REQUIRE(with.size() == event::mask_with_bytes_max);
  CHECK(masked(std::string(1 << 20, 'x'), 0, 0, with).size() == std::size_t{16} << 20U);
}

TEST_CASE("encrypt seals the compact token, and what it sealed opens again") {
  const method_fixture encrypt({.method = method::encrypt}, "client.ip");
  CHECK(encrypt.of("70.201.62.158") == "c26a406d.J8pKe8iimebWtqPKmxSI6owhT_vEYGynJukp8-v4Mg");
  CHECK(encrypt.of_token("1") == R"("c26a406d.MD6M9CqjL8XpI_BhCwe1VwQ")");
  CHECK(method_fixture({.method = method::encrypt}, "a").of_token("{\"b\" : [1 ,2]} ") ==
        R"("c26a406d.QM0FaAQF-SVZADn9HVO7xbLE8Olq_5ll5UG6")");
  CHECK(encrypt.of_token("null") == "null");
  const std::string sealed = encrypt.of(std::string(1 << 20, 'x'));
  CHECK(tests::test_keys().values->open("client.ip", sealed) ==
        '"' + std::string(1 << 20, 'x') + '"');
}

TEST_CASE("the canonical form of a text is what is hashed") {
  const auto with = [](canonical_form form) {
    return method_fixture({.method = method::pseudonym, .canonical = form});
  };
  CHECK(with(canonical_form::lower).of("ANNA@Example.com") == pseudonym_of("anna@example.com"));
  CHECK(with(canonical_form::lower).of("ÄZ[@`{ ") == pseudonym_of("Äz[@`{ "));
  CHECK(with(canonical_form::lower).of_token("1E5") == '"' + pseudonym_of("1E5") + '"');
  CHECK(with(canonical_form::trim).of(R"( \tAnna B \r\n)") == pseudonym_of("Anna B"));
  CHECK(with(canonical_form::trim).of("  ") == pseudonym_of(""));
  CHECK(with(canonical_form::trim).of_token("[ 1]") == '"' + pseudonym_of("[1]") + '"');
  const method_fixture scoped({.method = method::pseudonym,
                               .canonical = canonical_form::lower,
                               .scope = core::pseudonym_scope::path},
                              "id");
  CHECK(scoped.of(std::string(1000, 'X')) ==
        pseudonym_of(std::string("id\0", 3) + std::string(1000, 'x')));
}

TEST_CASE("a UUID in any spelling has one pseudonym, and another text none") {
  const method_rule rule{.method = method::pseudonym, .canonical = canonical_form::uuid};
  const method_fixture uuid(rule);
  const std::string one = "b5372db0-c21e-11e4-8dfc-aa07a5b093db";
  for (const std::string text :
       {"B5372DB0-C21E-11E4-8DFC-AA07A5B093DB", "b5372db0c21e11e48dfcaa07a5b093db",
        "{B5372DB0-C21E-11E4-8DFC-AA07A5B093DB}", "{b5372db0c21e11e48dfcaa07a5b093db}",
        "urn:uuid:b5372db0-c21e-11e4-8dfc-aa07a5b093db",
        "urn:uuid:b5372db0c21e11e48dfcaa07a5b093db",

        "URN:UUID:B5372DB0-C21E-11E4-8DFC-AA07A5B093DB", " b5372db0-c21e-11e4-8dfc-aa07a5b093db "})
    CHECK_MESSAGE(uuid.of(text) == pseudonym_of(one), text);
  for (const std::string text :
       {"", "{}", "b5372db0-c21e-11e4-8dfc-aa07a5b093d", "b5372db0-c21e-11e4-8dfc-aa07a5b093dbb",
        "b5372db0-c21e-11e4-8dfc-aa07a5b093dg", "b5372db0-c21e-11e4-8dfcaa-07a5b093db",
        "b5372db0c21e11e48dfcaa07a5b093d-", "{b5372db0-c21e-11e4-8dfc-aa07a5b093db",
        "b5372db0_c21e_11e4_8dfc_aa07a5b093db", "urn:uuid:b5372db0c21e11e48dfcaa07a5b093dbxxxx"})
    CHECK_MESSAGE(uuid.of(text) == "<invalid>", text);
  CHECK(uuid.of_token("12") == "<invalid>");
  method_rule otherwise = rule;
  otherwise.invalid = invalid_value::pseudonym;
  CHECK(method_fixture(otherwise).of("Serial 7") == pseudonym_of("Serial 7"));
}

TEST_CASE("a number is rounded down to a multiple, exactly and in plain digits") {
  CHECK(rounded("0") == "0");
  CHECK(rounded("-0.0e5") == "0");
  CHECK(rounded("9") == "0");
  CHECK(rounded("10") == "10");
  CHECK(rounded("19.99") == "10");
  CHECK(rounded("-1") == "-10");
  CHECK(rounded("-10") == "-10");
  CHECK(rounded("-10.000000000000000000001") == "-20");
  CHECK(rounded("-0.001") == "-10");
  CHECK(rounded("-99.5") == "-100");
  CHECK(rounded("1.2345e3") == "1230");
  CHECK(rounded("1234567e-3") == "1230");
  CHECK(rounded("0.00012E+7") == "1200");
  CHECK(rounded("48.137154", 0.01) == "48.13");
  CHECK(rounded("-48.137154", 0.01) == "-48.14");
  CHECK(rounded("11.575", 0.1) == "11.5");
  CHECK(rounded("0.3", 0.1) == "0.3");
  CHECK(rounded("0.7", 0.25) == "0.5");
  CHECK(rounded("12.0", 0.5) == "12");
  CHECK(rounded("17", 7) == "14");
  CHECK(rounded("1699999999999", 86400000) == "1699920000000");
  CHECK(rounded("999999999999999", event::round_to_max) == "0");
  CHECK(rounded("-1", event::round_to_max) == "-1000000000000000");
  CHECK(rounded("0.1234567891", event::round_to_min) == "0.123456789");
  CHECK(rounded("1e-400") == "0");
}

TEST_CASE("a number of many digits is rounded as exactly") {
  CHECK(rounded("1234567890123456789012345678901234567899") ==
        "1234567890123456789012345678901234567890");
  CHECK(rounded("-1234567890123456789012345678901234567891") ==
        "-1234567890123456789012345678901234567900");
  const auto limit = static_cast<std::size_t>(event::round_digits_max);
  CHECK(rounded(std::string(limit, '9')) == std::string(limit - 1, '9') + "0");
  CHECK(rounded("-" + std::string(limit, '9')) == "-1" + std::string(limit, '0'));
  CHECK(rounded(std::string(limit, '9') + "." + std::string(1000, '9'), 1e-9) ==
        std::string(limit, '9') + ".999999999");
  CHECK(rounded("-" + std::string(limit, '9') + "." + std::string(1000, '9'), 1.2345678901234567e-9)
            .starts_with("-1" + std::string(limit, '0') + "."));
  CHECK(rounded("1e63") == "1" + std::string(63, '0'));
  CHECK(rounded("1e64") == "<invalid>");
  CHECK(rounded("1" + std::string(limit, '0')) == "<invalid>");
  CHECK(rounded("0." + std::string(1000, '0') + "5e1001", 1) == "5");
  CHECK(rounded("1e308") == "<invalid>");
  CHECK(rounded("1e-99999999999999999999") == "0");
}

TEST_CASE("round takes numbers only") {
  for (const auto* token : {R"("17")", "true", "[17]", "{}"}) CHECK(rounded(token) == "<invalid>");
  CHECK(rounded("null") == "null");
}

TEST_CASE("any number is rounded as integers of 128 bits say") {
  tests::seeded_random random;
  INFO(random.note());
  for (int i = 0; i < 20'000; ++i) {
    // value / 10^places, to multiples of factor / 10^places.
    const auto places = static_cast<int>(random.below(7));
    const std::int64_t factor = random.between(1, random.one_in(2) ? 100 : 1'000'000);
    int128 value = random.between(-1'000'000'000'000'000'000, 1'000'000'000'000'000'000);
    if (random.one_in(3)) value *= 1'000'000'000'000'000'000;
    if (random.one_in(5)) value /= 1'000'000'000'000'000;
    const int128 rest = (value % factor + factor) % factor;
    const std::string shift = "e-" + std::to_string(places);
    const double to = std::stod(std::to_string(factor) + shift);
    // The expected multiple, as a token that is exact and rounds to itself.
    const std::string expected = rounded(text_of(value - rest) + shift, to);
    REQUIRE(rounded(text_of(value) + shift, to) == expected);
    if (places == 0) REQUIRE(expected == text_of(value - rest));
  }
}

TEST_CASE("a rule of texts or numbers that cannot work is refused") {
  const auto fault = [](const method_rule& rule) {
    return event::method_fault(rule, {true, true, true}).value_or("");
  };
  CHECK(fault({.method = method::pseudonym, .digits = 15}) == "digits must be 16 to 64");
  CHECK(fault({.method = method::pseudonym, .digits = 65}) == "digits must be 16 to 64");
  CHECK(fault({.method = method::mask, .keep_first = -1}) == "keep_first must be 0 to 1000000");
  CHECK(fault({.method = method::mask, .keep_last = 1'000'001}) ==
        "keep_last must be 0 to 1000000");
  CHECK(fault({.method = method::mask, .with = std::string(16, '*')}).empty());
  CHECK(fault({.method = method::mask, .with = std::string(17, '*')}) ==
        "with must be at most 16 bytes");
  CHECK(fault({.method = method::round, .to = 1e-9}).empty());
  CHECK(fault({.method = method::round, .to = 1e15}).empty());
  for (const double to : {0.0, -1.0, 0.9e-9, 1.1e15, std::numeric_limits<double>::quiet_NaN(),
                          std::numeric_limits<double>::infinity()})
    CHECK(fault({.method = method::round, .to = to}) == "to must be 1e-9 to 1e15");
}

TEST_CASE("whatever the value, each method writes one token into the room that it asked for") {
  tests::seeded_random random;
  INFO(random.note());
  const std::vector<std::string> parts{
      "1.2.3.4", "::1", "2001:db8::7%e", ",", " ",     R"(\n)", R"(\u0000)", "ä",
      "😀",       "x",   ":80",           "-", R"(\")", "12"};
  for (int i = 0; i < 3'000; ++i) {
    method_rule rule{.method = static_cast<method>(random.below(12)),
                     .invalid = static_cast<invalid_value>(random.below(5)),
                     .digits = static_cast<int>(random.between(16, 64)),
                     .canonical = static_cast<canonical_form>(random.below(5)),
                     .scope = static_cast<core::pseudonym_scope>(random.below(2)),
                     .keep_first = random.between(0, 3),
                     .keep_last = random.between(0, 3),
                     .with = random.one_in(2) ? "*" : "€€€€",
                     .list = random.one_in(2) ? "" : ",",
                     .port = static_cast<core::port_policy>(random.below(3))};
    const method_fixture any(rule, random.one_in(2) ? "ip" : std::string(200, 'p'));
    std::string text;
    for (std::size_t n = random.below(random.one_in(20) ? 300 : 8); n > 0; --n)
      text += parts[random.below(parts.size())];
    static_cast<void>(any.of(text));
    static_cast<void>(any.of_token("[ 1 , \"" + text + "\" ]"));
    static_cast<void>(any.of_token(std::to_string(random.between(-1000, 1000)) + "e-2"));
  }
}
