#include "event/json_event.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/event/json_reference.hpp"
#include "tests/support/seeded_random.hpp"

using namespace turnstile::core;
using namespace turnstile::event;
using namespace std::string_literals;

using turnstile::event::path_states;

namespace {

constexpr std::size_t mib = std::size_t{1024} * 1024;

/// The reason's name, or "object".
std::string verdict(const maybe_bytes& value, std::size_t bytes_max = mib) {
  json_event event;
  const auto error = event.parse(value, bytes_max);
  return std::string(error ? name_of(error->reason) : "object");
}

std::string error_type(const maybe_bytes& value, std::size_t bytes_max = mib) {
  json_event event;
  const auto error = event.parse(value, bytes_max);
  return error ? error->error_type : "none";
}

std::string nested(std::size_t levels) {
  return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

std::string object_of(std::string_view value) { return "{\"a\":" + std::string(value) + "}"; }

/// Each a rule's, with its place.
path_states paths_of(const std::vector<std::string>& texts) {
  std::vector<turnstile::event::known_path> paths;
  for (std::uint16_t i = 0; i < texts.size(); ++i)
    paths.push_back({.at = turnstile::event::parse_path(texts[i]).value, .rule = i, .place = i});
  return path_states(paths, std::vector<bool>(texts.size()));
}

}  // namespace

TEST_CASE("each check has its reason") {
  CHECK(verdict(std::nullopt) == "tombstone");
  CHECK(verdict("") == "empty_value");
  CHECK(verdict("{\"a\":1}", 6) == "too_large");
  CHECK(verdict("{\"a\":\"\xff\"}") == "invalid_utf8");
  CHECK(verdict("{\"a\":1") == "invalid_json");
  CHECK(verdict(nested(33)) == "too_deep");
  CHECK(verdict("[1]") == "not_an_object");
  CHECK(verdict(R"({"a":1,"a":1})") == "duplicate_key");
  CHECK(verdict("{}") == "object");
}

TEST_CASE("of several faults the first in the order of the checks is told") {
  CHECK(verdict("\xff{", 1) == "too_large");
  CHECK(verdict("{\"a\":\xff") == "invalid_utf8");
  CHECK(verdict("\x01\xff") == "invalid_utf8");
  CHECK(verdict(nested(40) + "x") == "invalid_json");
  CHECK(verdict(std::string(40, '[')) == "invalid_json");
  CHECK(verdict(std::string(40, '[') + std::string(40, ']')) == "too_deep");
  CHECK(verdict(R"([{"a":1,"a":1}])") == "not_an_object");
  CHECK(verdict("{\"a\":1,\"a\":" + std::string(33, '[') + std::string(33, ']') + "}") ==
        "too_deep");
  CHECK(verdict(R"({"a":1,"a":1)") == "invalid_json");
}

TEST_CASE("error types name positions") {
  CHECK(error_type(std::nullopt) == "Tombstone: the record has no value");
  CHECK(error_type("") == "Empty value");
  CHECK(error_type("{\"a\":1}", 6) == "Value too large: 7 bytes, at most 6");
  CHECK(error_type("{\"a\":\"\xff\"}") == "Invalid UTF-8 at byte 6");
  CHECK(error_type("{\"a\":1,}") ==
        "JSON decoding error: Missing a name for object member at byte 7");
  CHECK(error_type("{\"a\":\"\x1b\"}") == "JSON decoding error: Control character at byte 6");
  CHECK(error_type(nested(33)) == "Nested too deep: 33 levels, at most 32");
  CHECK(error_type("1") == "Not a JSON object");
  CHECK(error_type(R"({"a":1, "a":2})") == "Duplicate key at byte 8");
}

TEST_CASE("a value at the size limit is read and one byte more is not") {
  const std::string value = object_of('"' + std::string(100, 'x') + '"');
  CHECK(verdict(value, value.size()) == "object");
  CHECK(verdict(value, value.size() - 1) == "too_large");
}

TEST_CASE("32 levels are read, objects and arrays alike") {
  CHECK(verdict(nested(32)) == "object");
  std::string objects;
  for (int i = 0; i < 31; ++i) objects += "{\"a\":";
  CHECK(verdict(objects + "{}" + std::string(31, '}')) == "object");
  CHECK(verdict("{\"a\":" + objects + "{}" + std::string(32, '}')) == "too_deep");
}

TEST_CASE("a million levels neither crash nor matter to the next record") {
  json_event event;
  const std::string deep(mib, '[');
  CHECK(event.parse(deep, mib)->reason == reason::invalid_json);
  const std::string closed = std::string(mib / 2, '[') + std::string(mib / 2, ']');
  CHECK(event.parse(closed, mib)->reason == reason::too_deep);
  CHECK_FALSE(event.parse("{\"a\":1}", mib));
}

TEST_CASE("nothing may follow the object, a NUL byte least of all") {
  CHECK(verdict("{\"a\":1}\0garbage"s) == "invalid_json");
  CHECK(verdict("{\"a\":1}\0"s) == "invalid_json");
  CHECK(verdict("\0{\"a\":1}"s) == "invalid_json");
  CHECK(verdict("\0"s) == "invalid_json");
  CHECK(verdict("{}{}") == "invalid_json");
  CHECK(verdict("{},") == "invalid_json");
  CHECK(verdict(" \t\r\n{} \t\r\n") == "object");
  CHECK(verdict("   ") == "invalid_json");
}

TEST_CASE("a byte-order mark is no JSON") {
  CHECK(verdict("\xef\xbb\xbf{}") == "invalid_json");
  CHECK(verdict("\xff\xfe{\0}\0"s) == "invalid_utf8");
}

TEST_CASE("raw control characters are refused in strings, whatever their alignment") {
  for (char c = 0; c < 0x20; ++c)
    for (std::size_t before = 0; before < 40; ++before)
      CHECK(verdict(object_of('"' + std::string(before, 'x') + c + std::string(40, 'y') + '"')) ==
            "invalid_json");
  CHECK(verdict(object_of("\"\x7f\"")) == "object");
}

TEST_CASE(
    "an escape that is half of a surrogate pair is refused in names and strings at any depth") {
  for (const auto* half :
       {R"("\ud800")", R"("\ud800x")", R"("\ud800\u0041")", R"("\udbff\n")", R"("\udc00")",
        R"("\uDFFF")", R"("x\udc00\ud800")", R"("\ud83d\ude00\ude00")", R"("\\\udc00")"}) {
    const std::string text(half);
    CHECK(verdict(object_of(text)) == "invalid_json");
    CHECK(verdict(object_of("[{" + text + ":1}]")) == "invalid_json");
    CHECK(verdict("{" + text + ":1}") == "invalid_json");
  }
  for (const auto* whole :
       {R"("\ud83d\ude00")", R"("\\udc00")", R"("\ud7ff\ue000")", "\"\xed\x9f\xbf\""})
    CHECK(verdict(object_of(whole)) == "object");
}

TEST_CASE("a number beyond a double's range is refused, and one too close to 0 is not") {
  for (const auto* number :
       {"1e309", "-1e309", "1e400", "9e308", "1.8e308", "17977e304", "999999999999e308",
        "1e99999999999999999999", "1E+2147483648", "0.1e310"})
    CHECK_MESSAGE(verdict(object_of(number)) == "invalid_json", number);
  CHECK(verdict(object_of(std::string(400, '9'))) == "invalid_json");
  CHECK(verdict(object_of("2" + std::string(308, '0'))) == "invalid_json");
  for (const auto* number : {"1e308", "1.7976931348623157e308", "0.1e309", "1e-400", "-1e-9999",
                             "1e-2147483648", "1e-214748364899999999999999", "0.0e-99"})
    CHECK_MESSAGE(verdict(object_of(number)) == "object", number);
  CHECK(verdict(object_of("1" + std::string(308, '0'))) == "object");
  CHECK(verdict(object_of("0." + std::string(400, '0') + "1")) == "object");
}

TEST_CASE("a number beyond a double's range but for a 0 or its exponent counts as beyond it") {
  for (const std::string& number :
       {std::string("0e309"), std::string("0.0e400"), "1" + std::string(309, '0') + "e-5"})
    CHECK_MESSAGE(verdict(object_of(number)) == "invalid_json", number);
}

TEST_CASE("what only looks like a number or a literal is refused") {
  for (const auto* token :
       {"01",       "+1",        "1.",   ".5",   "-",     "1e",      "1e+",   "0x1",       "NaN",
        "Infinity", "-Infinity", "True", "nul",  "nulll", "tru",     "'a'",   "\"",        "1 2",
        "//\n1",    "/**/1",     "[1,]", "[,1]", "[1 2]", "{\"b\"}", "{1:2}", "{\"b\":1,}"})
    CHECK_MESSAGE(verdict(object_of(token)) == "invalid_json", token);
}

TEST_CASE("keys are duplicates when they are equal after unescaping") {
  CHECK(verdict(R"({"ip":"a","\u0069p":"b"})") == "duplicate_key");
  CHECK(verdict(R"({"\u0069\u0070":"a","ip":"b"})") == "duplicate_key");
  CHECK(verdict(R"({"x":1,"\u0078":2})") == "duplicate_key");
  CHECK(verdict(R"({"":1,"":2})") == "duplicate_key");
  CHECK(verdict(R"({"ip":1,"ip\u0000":2,"IP":3})") == "object");
  CHECK(verdict(R"({"x":{"ip":1,"ip":2},"ip":3})") == "object");
}

TEST_CASE("duplicates are found on both sides of the change of method") {
  for (std::size_t count = 2; count <= 40; ++count)
    for (std::size_t twin = 0; twin + 1 < count; ++twin) {
      std::string object = "{";
      for (std::size_t i = 0; i + 1 < count; ++i) object += "\"k" + std::to_string(i) + "\":1,";
      CHECK(verdict(object + "\"last\":1}") == "object");
      CHECK(error_type(object + "\"k" + std::to_string(twin) + "\":1}") ==
            "Duplicate key at byte " + std::to_string(object.size()));
    }
}

TEST_CASE("of several duplicates the first to repeat is told") {
  std::string object = "{";
  for (int i = 0; i < 30; ++i) object += "\"k" + std::to_string(i) + "\":1,";
  const std::size_t at = object.size();
  object += R"("k20":1,"k3":1,"ip":1,"ip":1})";
  CHECK(error_type(object) == "Duplicate key at byte " + std::to_string(at));
}

TEST_CASE("fields have their raw bytes, unescaped names and texts, and kinds") {
  const std::string value =
      "{ \"a\\n\" : \"x\\\"\\u00e4\" ,\"n\":-1.50e+3 ,\"t\":true,\"f\" : false,\"z\":null ,"
      "\"o\": { \"k\" : [ ] } ,\"l\":[ {}, 1 ]\t,\"ip\":\"1.2.3.4\"}";
  const path_states paths = paths_of({"ip", "user_id"});
  json_event event(paths);
  REQUIRE_FALSE(event.parse(value, mib));
  const auto fields = event.fields();
  const std::vector<std::string_view> raw{R"("x\"\u00e4")", "-1.50e+3",   "true",
                                          "false",          "null",       "{ \"k\" : [ ] }",
                                          "[ {}, 1 ]",      "\"1.2.3.4\""};
  using enum json_kind;
  const std::vector<json_kind> kinds{string, number, boolean, boolean, null, object, array, string};
  REQUIRE(fields.size() == raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    CHECK(fields[i].raw == raw[i]);
    CHECK(fields[i].kind == kinds[i]);
  }
  CHECK(fields[0].key == R"("a\n")");
  CHECK(fields[0].name == "a\n");
  CHECK(fields[0].text == "x\"\xc3\xa4");
  CHECK(event.find(0) == &fields[7]);
  CHECK(event.find(1) == nullptr);
}

TEST_CASE("every field of a path is known by its name and only by it") {
  const std::vector<std::string> names{"user_id", "ip",     "device_id", "app_version",
                                       "locale",  "a name", "\"\"",      "device_type"};
  const path_states paths = paths_of(names);
  for (std::uint16_t i = 0; i < names.size(); ++i) {
    std::string name = names[i] == "\"\"" ? "" : names[i];
    json_event event(paths);
    const std::string value = "{\"" + name + "\":1}";
    REQUIRE_FALSE(event.parse(value, mib));
    CHECK(event.find(i) == &event.fields()[0]);
    CHECK(event.fields()[0].rule == i);
    name += 'X';
    const std::string other = "{\"" + name + "\":1}";
    REQUIRE_FALSE(event.parse(other, mib));
    CHECK(event.fields()[0].rule == turnstile::event::none);
  }
}

TEST_CASE("an event forgets the record before") {
  const path_states paths = paths_of({"ip"});
  json_event event(paths);
  const std::string first = R"({"ip":"a","b":1})";
  REQUIRE_FALSE(event.parse(first, mib));
  REQUIRE(event.parse("[", mib));
  CHECK(event.find(0) == nullptr);
  CHECK(event.fields().empty());
}

TEST_CASE("a hostile object of many keys takes no quadratic time") {
  std::string object = "{";
  for (int i = 0; object.size() < mib - 20; ++i) object += "\"" + std::to_string(i) + "\":0,";
  object.back() = '}';
  // 100,000 keys: compared each with each this would take many seconds.
  for (int i = 0; i < 5; ++i) CHECK(verdict(object) == "object");
}

namespace {

using turnstile::tests::seeded_random;

std::string random_string(seeded_random& random) {
  std::string text = "\"";
  for (std::size_t i = random.below(20); i > 0; --i) {
    constexpr std::string_view pieces[] = {
        "a", "\\n", "\\\"", "\\\\", "\\u0041", "ä", "\\ud83d\\ude00", "😀", "\\/", " ", "{", "],"};
    text += pieces[random.below(std::size(pieces))];
  }
  return text + "\"";
}

std::string random_value(seeded_random& random, int depth);

std::string random_members(seeded_random& random, int depth, bool object) {
  std::string text(1, object ? '{' : '[');
  const std::size_t count = random.below(5);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += random.one_in(2) ? "," : " , ";
    if (object) text += random_string(random) + (random.one_in(2) ? ":" : " :\n");
    text += random_value(random, depth - 1);
  }
  return text + (object ? "}" : "]");
}

std::string random_value(seeded_random& random, int depth) {
  constexpr std::string_view scalars[] = {"0",     "-1.5e-3", "true",
                                          "false", "null",    "12345678901234567890123"};
  const std::size_t what = random.below(depth > 0 ? 4 : 2);
  if (what == 0) return std::string(scalars[random.below(std::size(scalars))]);
  if (what == 1) return random_string(random);
  return random_members(random, depth, what == 2);
}

}  // namespace

TEST_CASE("a value that is no object is written to no field of the event before") {
  // So many that their memory goes before the next value is read.
  std::string many = R"({"with\tescape":0)";
  for (int i = 0; i < 3000; ++i) many += ",\"k" + std::to_string(i) + "\":0";
  many += "}";
  for (const auto* alone : {"42", "-1.5", "\"a\"", R"("\n")", "true", "null", "[1]", "[[1]]"}) {
    CAPTURE(alone);
    json_event event;
    CHECK_FALSE(event.parse(many, mib));
    const auto error = event.parse(alone, mib);
    REQUIRE(error);
    CHECK(error->reason == reason::not_an_object);
    CHECK(event.fields().empty());
    CHECK_FALSE(event.parse("{}", mib));
  }
}

TEST_CASE("any document is taken or refused as a naive reader of the grammar does") {
  seeded_random random;
  INFO(random.note());
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = random_members(random, 5, true);
    for (std::size_t n = random.below(3); n > 0; --n) {
      const std::size_t at = random.below(text.size());
      if (random.one_in(2))
        text.erase(at, 1);
      else
        text.insert(at, 1, random.one_of("{}[],:\"\\ u0d1-.\x1f"));
      if (text.empty()) text = " ";
    }
    const std::string got = verdict(text);
    const bool is_json = got != "invalid_json" && got != "invalid_utf8";
    INFO(text);
    if (got != "invalid_utf8") REQUIRE(is_json == turnstile::tests::json_reference::accepts(text));
    taken += is_json ? 1 : 0;
  }
  CHECK(taken > 1000);
}

TEST_CASE("no bytes at all make it fail otherwise than by a reason") {
  seeded_random random;
  INFO(random.note());
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random.below(64) + 1, '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    CHECK_FALSE(verdict(bytes).empty());
  }
}

TEST_CASE("a value without a backslash is read as it is with one in a field more") {
  seeded_random random;
  INFO(random.note());
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = random_members(random, 5, true);
    for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at))
      text.replace(at, 2, "xx");
    if (random.one_in(2)) text.erase(random.below(text.size()), 1);
    if (text.size() < 3 || text.back() != '}') continue;
    json_event plain;
    INFO(text);
    const auto error = plain.parse(text, mib);
    REQUIRE((!error || error->reason != reason::invalid_json) ==
            turnstile::tests::json_reference::accepts(text));
    if (error || plain.fields().empty()) continue;
    json_event escaped;
    const std::string longer = text.substr(0, text.size() - 1) + R"(,"\u0001":0})";
    REQUIRE_FALSE(escaped.parse(longer, mib));
    REQUIRE(escaped.fields().size() == plain.fields().size() + 1);
    for (std::size_t f = 0; f < plain.fields().size(); ++f) {
      CHECK(plain.fields()[f].raw == escaped.fields()[f].raw);
      CHECK(plain.fields()[f].key == escaped.fields()[f].key);
      CHECK(plain.fields()[f].name == escaped.fields()[f].name);
      CHECK(plain.fields()[f].text == escaped.fields()[f].text);
      CHECK(plain.fields()[f].kind == escaped.fields()[f].kind);
    }
    ++taken;
  }
  CHECK(taken > 1000);
}

TEST_CASE("many numbers with no quote behind them take no longer than their bytes") {
  std::string text = R"({"x":[)";
  while (text.size() < mib - 8) text += "1,";
  text += "1]}";
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict(text) == "object");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}
