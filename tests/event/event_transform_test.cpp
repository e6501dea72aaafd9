#include "event/event_transform.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/event/rules_fixture.hpp"

using namespace turnstile::core;
using turnstile::tests::rules_fixture;
using method = turnstile::core::field_method;

namespace {

TEST_CASE_FIXTURE(rules_fixture, "without rules an event keeps its bytes and loses its blanks") {
  const std::string event = R"({"a":{"b":[1.50,"\u00e4/\/",{}],"ip":"1.2.3.4"},"":null})";
  CHECK(made(event) == event);
  CHECK(made("{ \"a\" : [ 1 , { \"b\" : \"x y\" } ] }") == R"({"a":[1,{"b":"x y"}]})");
  CHECK(made("{}") == "{}");
  CHECK(made("[1]") == "not_an_object: Not a JSON object");
  CHECK(batch.outputs.front().user_id.empty());
}

TEST_CASE_FIXTURE(rules_fixture, "a rule holds where its path leads, and nowhere else") {
  add("a.b", method::drop);
  add("c[].d", method::null);
  add("e[][]", method::null);
  add("\"a.b\"", method::null);
  CHECK(made(R"({"a":{"b":1,"c":2},"b":3,"a.b":4})") == R"({"a":{"c":2},"b":3,"a.b":null})");
  CHECK(made(R"({"c":[{"d":1,"e":2},7,[{"d":3}],{"d":{"x":1}},{}]})") ==
        R"({"c":[{"d":null,"e":2},7,[{"d":3}],{"d":null},{}]})");
  CHECK(made(R"({"c":{"d":1},"e":[1,[2,[3]],[],{"x":4}]})") ==
        R"({"c":{"d":1},"e":[1,[null,null],[],{"x":4}]})");
  CHECK(made(R"({"a":[{"b":1}],"c":"d"})") == R"({"a":[{"b":1}],"c":"d"})");
}

TEST_CASE_FIXTURE(rules_fixture, "a name at any depth is found in objects and in arrays of them") {
  add("**.p", method::drop);
  CHECK(made(R"({"p":1,"a":[{"p":2,"q":[[{"p":3,"r":1}]]}],"b":{"c":{"p":{}}},"x":["p"]})") ==
        R"({"a":[{"q":[[{"r":1}]]}],"b":{"c":{}},"x":["p"]})");
}

TEST_CASE_FIXTURE(rules_fixture, "names are compared unescaped") {
  add("a.ip", method::null);
  add("**.pass", method::null);
  CHECK(made(R"({"\u0061":{"\u0069p":"x"},"b":{"p\u0061ss":1}})") ==
        R"({"\u0061":{"\u0069p":null},"b":{"p\u0061ss":null}})");
}

TEST_CASE_FIXTURE(rules_fixture, "the more specific rule holds") {
  add("**.b", method::drop);
  add("a.b");
  add("c[].b", method::null);
  CHECK(made(R"({"a":{"b":1},"b":2,"c":[{"b":3}],"d":{"b":4}})") ==
        R"({"a":{"b":1},"c":[{"b":null}],"d":{}})");
}

TEST_CASE_FIXTURE(rules_fixture, "every occurrence of a nested member gets the rule") {
  add("a.ip", method::pseudonym);
  add("**.secret", method::drop);
  const std::string one = '"' + pseudonyms.of("1") + '"';
  const std::string two = '"' + pseudonyms.of("2") + '"';
  CHECK(made(R"({"a":{"ip":"1","x":0,"ip":"2"}})") ==
        R"({"a":{"ip":)" + one + R"(,"x":0,"ip":)" + two + "}}");
  CHECK(made(R"({"b":{"secret":1,"secret":2,"c":3}})") == R"({"b":{"c":3}})");
  CHECK(made(R"({"b":{"a":{"ip":"1"},"a":{"ip":"2"}}})") ==
        R"({"b":{"a":{"ip":"1"},"a":{"ip":"2"}}})");
}

TEST_CASE_FIXTURE(rules_fixture, "at the top level a second key is an error, whatever its rule") {
  add("**.p", method::drop);
  add("a.b", method::drop);
  CHECK(made(R"({"p":1,"p":2})") == "duplicate_key: Duplicate key at byte 7");
  CHECK(made(R"({"a":{},"\u0061":{}})") == "duplicate_key: Duplicate key at byte 8");
  CHECK(made(R"({"x":{"p":1},"p":2})") == R"({"x":{}})");
}

TEST_CASE_FIXTURE(rules_fixture, "an object that is replaced is replaced as a whole") {
  add("a", method::pseudonym);
  add("b", method::replace).method.value = "7";
  add("**.ip", method::drop);
  const std::string compact = R"({"ip":"1","n":[1,2]})";
  CHECK(made(R"({"a":{ "ip" : "1", "n":[1, 2]},"b":[{"ip":1}],"c":{"ip":1}})") ==
        R"({"a":")" + pseudonyms.of(compact) + R"(","b":7,"c":{}})");
}

TEST_CASE_FIXTURE(rules_fixture, "what is required is listed where it is absent, the id first") {
  rules.id = "u.id";
  add("a").required = true;
  add("b.c").required = true;
  add("u.id").required = true;
  add("l[].m").required = true;
  CHECK(made(R"({"a":null,"b":"x"})") == "missing_fields: Missing fields: u.id, a, b.c, l[].m");
  CHECK(made(R"({"a":1,"b":{"c":2},"u":{"id":3},"l":[{"m":1},{}]})") ==
        "missing_fields: Missing fields: l[].m");
  CHECK(made(R"({"a":1,"b":{"c":2},"u":{"id":3},"l":[{"m":1}]})") ==
        R"({"a":1,"b":{"c":2},"u":{"id":3},"l":[{"m":1}]})");
}

TEST_CASE_FIXTURE(rules_fixture, "texts that count as absent are nobody's") {
  auto& ip = add("ip", method::truncate_ip);
  ip.absent = {"-", "unknown"};
  ip.allow_empty = false;
  CHECK(made(R"({"ip":"-"})") == R"({"ip":"-"})");
  CHECK(made(R"({"ip":""})") == R"({"ip":""})");
  CHECK(made(R"({"ip":"198.51.100.23"})") == R"({"ip":"198.51.100.0"})");
  rules.fields[0].required = true;
  CHECK(made(R"({"ip":"unknown"})") == "missing_fields: Missing fields: ip");
}

TEST_CASE_FIXTURE(rules_fixture, "wrong types are listed by path") {
  using enum field_type;
  for (const auto& [path, type] : {std::pair{"s", string},
                                   {"i", integer},
                                   {"n", number},
                                   {"b", boolean},
                                   {"o", object},
                                   {"a", array},
                                   {"x.y", string}})
    add(path).type = type;
  CHECK(made(R"({"s":"","i":-7,"n":1.5,"b":false,"o":{},"a":[],"x":{"y":""}})") ==
        R"({"s":"","i":-7,"n":1.5,"b":false,"o":{},"a":[],"x":{"y":""}})");
  CHECK(made(R"({"s":1,"i":1.0,"n":"1","b":0,"o":[],"a":{},"x":{"y":[]}})") ==
        "wrong_type: Wrong type: s, i, n, b, o, a, x.y");
  CHECK(made(R"({"s":null,"i":null})") == R"({"s":null,"i":null})");
}

TEST_CASE_FIXTURE(rules_fixture, "a default stands in where its object is") {
  add("a.b").default_token = "\"none\"";
  add("l[].n").default_token = "0";
  add("t", method::pseudonym).default_token = "\"x\"";
  const std::string t = R"("t":")" + pseudonyms.of("x") + '"';
  CHECK(made(R"({})") == "{" + t + "}");
  CHECK(made(R"({"a":{},"t":null})") == R"({"a":{"b":"none"},)" + t + "}");
  CHECK(made(R"({"a":{"b":null,"c":1},"l":[{},{"n":5},{"x":1,"n":null},3],"t":"x"})") ==
        R"({"a":{"b":"none","c":1},"l":[{"n":0},{"n":5},{"x":1,"n":0},3],)" + t + "}");
  CHECK(made(R"({"a":[1,[]],"l":[[{}]],"t":"x"})") == R"({"a":[1,[]],"l":[[{}]],)" + t + "}");
  CHECK(made(R"({"a":[],"l":{},"t":"x"})") == R"({"a":[],"l":{},)" + t + "}");
}

TEST_CASE_FIXTURE(rules_fixture, "a bad value names its paths and shows nothing") {
  add("a.ip", method::truncate_ip);
  add("b[]", method::truncate_ip);
  CHECK(made(R"({"a":{"ip":"secret"},"b":["1.2.3.4"]})") == "bad_value: Bad value: a.ip");
  CHECK(batch.failures.back().content == R"({"a":{},"b":["1.2.3.0"]})");
  CHECK(made(R"({"a":{"ip":"x"},"b":["x",1]})") == "bad_value: Bad value: a.ip, b[]");
  CHECK(batch.failures.back().stage == stage::validate);
  rules.fields[0].method.invalid = invalid_value::drop;
  CHECK(made(R"({"a":{"ip":"secret","x":1}})") == R"({"a":{"x":1}})");
}

TEST_CASE_FIXTURE(rules_fixture, "what a method cannot take and may stay is treated within") {
  add("a", method::truncate_ip).method.invalid = invalid_value::keep;
  add("**.password", method::drop);
  CHECK(made(R"({"a":"a name"})") == R"({"a":"a name"})");
  CHECK(made(R"({"a":{"password":"x","y":[{"password":1}]}})") == R"({"a":{"y":[{}]}})");
}

TEST_CASE_FIXTURE(rules_fixture, "an error record repeats only what rules name, treated") {
  add("a.ip", method::pseudonym).type = field_type::string;
  add("l[].mail", method::mask);
  add("o.kept");
  add("must").required = true;
  const std::string p = pseudonyms.of("1.2.3.4");
  CHECK(content(
            R"({"a":{"ip":"1.2.3.4","x":"raw","ip":"1.2.3.4"},"l":[{"mail":"ab","n":"raw"},"raw"],)"
            R"("o":{"kept":{"q":1},"z":"raw"},"y":["raw"]})") ==
        R"({"a":{"ip":")" + p + R"(","ip":")" + p +
            R"("},"l":[{"mail":"**"}],"o":{"kept":{"q":1}}})");
  CHECK(content(R"({"a":{"ip":["1.2.3.4"]},"l":[{"mail":{"raw":1}}]})") == R"({"a":{},"l":[{}]})");
}

TEST_CASE_FIXTURE(rules_fixture, "an error record repeats the rest where it is asked for") {
  options.errors.unknown = unknown_fields::keep;
  add("a.ip", method::null).type = field_type::string;
  add("must").required = true;
  CHECK(content(R"({"a":{"ip":"1","x":2},"y":[3]})") == R"({"a":{"ip":null,"x":2},"y":[3]})");
  CHECK(content(R"({"a":{"ip":1,"x":2}})") == R"({"a":{"x":2}})");
  rules.unknown = unknown_policy::drop;
  CHECK(content(R"({"a":{"ip":"1","x":2},"y":[3]})") == R"({"a":{"ip":null}})");
}

TEST_CASE_FIXTURE(rules_fixture, "a refused output repeats no nested field that no rule names") {
  add("a.ip", method::null);
  add("l[].b");
  auto& at = add("t.at");
  at.type = field_type::time;
  at.time.output = time_output::datetime;
  const std::string event =
      R"({"q":1,"a":{"x":1,"ip":"1","y":2},"l":[1,{"b":2,"c":3},4],"t":{"at":60,"z":0},"w":5})";
  CHECK(
      made(event) ==
      R"({"q":1,"a":{"x":1,"ip":null,"y":2},"l":[1,{"b":2,"c":3},4],"t":{"at":"1970-01-01 00:01:00","z":0},"w":5})");
  CHECK(refused_content(event) == R"({"a":{"ip":null},"l":[{"b":2}],"t":{"at":60}})");
  options.errors.unknown = unknown_fields::keep;
  CHECK(refused_content(event) ==
        R"({"q":1,"a":{"x":1,"ip":null,"y":2},"l":[1,{"b":2,"c":3},4],"t":{"at":60,"z":0},"w":5})");
}

TEST_CASE_FIXTURE(rules_fixture, "the id is treated by its own rule, whatever its path") {
  rules.id = "u.id";
  add("u.id", method::pseudonym);
  add("must").required = true;
  run(R"({"u":{"id":"ada"}})");
  CHECK(batch.failures.back().user_id == '"' + pseudonyms.of("ada") + '"');
  for (const auto* event : {R"({"u":{"id":{}}})", R"({"u":"ada"})", R"({"u":{"id":null}})"}) {
    run(event);
    CHECK(batch.failures.back().user_id.empty());
  }
  rules.fields[0].method.method = method::drop;
  run(R"({"u":{"id":"ada"}})");
  CHECK(batch.failures.back().user_id.empty());
  rules.fields[0] = turnstile::tests::rule_of("u", method::drop);
  run(R"({"u":{"id":"ada"}})");
  CHECK(batch.failures.back().user_id.empty());
}

TEST_CASE_FIXTURE(rules_fixture, "filters compare what came in, at any path") {
  add("v", method::pseudonym);
  rules.keep = {{"v", {{"2.", true, true}}}};
  rules.drop = {{"e.t", {{"beat", true, false}}},
                {"l[]", {{"7", false, false}}},
                {"**.skip", {{"true", false, false}}}};
  const auto taken = [this](std::string_view event) {
    const auto& out = run(event);
    if (out.result != outcome::filtered) return std::string("kept");
    const std::size_t at = out.value.find("\"clean_type\":\"") + 14;
    return std::string(out.value.substr(at, out.value.find('"', at) - at));
  };
  CHECK(taken(R"({"v":"2.3"})") == "kept");
  CHECK(taken(R"({"v":"3.2."})") == "filtered_v");
  CHECK(taken(R"({"v":2.5})") == "filtered_v");
  CHECK(taken(R"({})") == "filtered_v");
  CHECK(taken(R"({"v":"2.3","e":{"t":"beat"}})") == "filtered_e.t");
  CHECK(taken(R"({"v":"2.3","e":{"t":"beats"}})") == "kept");
  CHECK(taken(R"({"v":"2.3","l":["7",7]})") == "filtered_l[]");
  CHECK(taken(R"({"v":"2.3","l":["7"]})") == "kept");
  CHECK(taken(R"({"v":"2.3","a":[{"skip":true}]})") == "filtered_**.skip");
  CHECK(batch.outputs.back().value.find("2.3") == std::string_view::npos);
}

TEST_CASE_FIXTURE(rules_fixture, "what is counted is what the output says") {
  rules.count_by = {"e.type", "ip", "gone", "n", "d"};
  add("ip", method::truncate_ip);
  add("gone", method::drop);
  add("d").default_token = "\"none\"";
  const auto& out = run(R"({"e":{"type":"a\"b"},"ip":"1.2.3.4","gone":"x","n":17})");
  REQUIRE(out.counted.size() == 5);
  CHECK(out.counted[0] == "a\"b");
  CHECK(out.counted[1] == "1.2.3.0");
  CHECK(out.counted[2].data() == nullptr);
  CHECK(out.counted[3] == "17");
  CHECK(out.counted[4] == "none");
}

TEST_CASE_FIXTURE(rules_fixture, "a tombstone passes with its key where it may") {
  key = "1.2.3.4";
  CHECK(made({}) == "tombstone: Tombstone: the record has no value");
  rules.tombstones = tombstone_policy::pass;
  rules.key.method = method::pseudonym;
  const auto& out = run({});
  CHECK(out.result == outcome::processed);
  CHECK(out.is_tombstone);
  CHECK(out.key == pseudonyms.of("1.2.3.4"));
  CHECK(out.counted.empty());
}

TEST_CASE_FIXTURE(rules_fixture, "a frame is demanded and kept where the rules say so") {
  rules.framing = value_framing::confluent;
  add("ip", method::null);
  const std::string frame("\0\0\0\0\x07", 5);
  CHECK(made(frame + R"({ "ip":"x"})") == frame + R"({"ip":null})");
  for (const std::string& bad :
       {std::string(R"({"ip":"x"})"), std::string("\0\0\0\0", 4), std::string("\1\0\0\0\7{}", 7)}) {
    run(bad);
    CHECK(batch.failures.back().reason == reason::bad_frame);
    CHECK(batch.failures.back().content.empty());
  }
  CHECK(made(frame) == "invalid_json: JSON decoding error: The document is empty at byte 5");
  CHECK(made(frame + "{x}").ends_with("at byte 6"));
  CHECK(refused_content(frame + R"({"ip":"x","y":1})") == R"({"ip":null})");
}

TEST_CASE_FIXTURE(rules_fixture, "a key that has no canonical form may stay as it came") {
  rules.key = {
      .method = method::pseudonym, .invalid = invalid_value::keep, .canonical = canonical_form::ip};
  key = "no address";
  CHECK(run("{}").key == "no address");
  key = "::FFFF:1.2.3.4";
  CHECK(run("{}").key == pseudonyms.of("1.2.3.4"));
}

TEST_CASE_FIXTURE(rules_fixture, "keys and headers have rules of their own") {
  rules.key.method = method::truncate_ip;
  rules.headers = {{"ip", {.method = method::truncate_ip}}, {"gone", {.method = method::drop}}};
  key = "1.2.3.4";
  headers = {{"ip", "5.6.7.8"}, {"gone", "x"}, {"trace", "y\"\xff"}, {"ip", std::nullopt}};
  const auto& out = run("{}");
  CHECK(out.key == "1.2.3.0");
  REQUIRE(out.headers.size() == 3);
  CHECK(out.headers[0].value == "5.6.7.0");
  CHECK(out.headers[1].value == "y\"\xff");
  CHECK_FALSE(out.headers[2].value);
  key = "no address";
  CHECK(made("{}") == "bad_value: Bad value: key");
  CHECK_FALSE(batch.outputs.back().key);
  key = "1.2.3.4";
  headers = {{"ip", "secret"}};
  CHECK(made("{}") == "bad_value: Bad value: header ip");
  CHECK(batch.outputs.back().headers.empty());
}

TEST_CASE_FIXTURE(rules_fixture,
                  "room for what is written is neither short nor wrong at the bound") {
  // One field whose value grows from two bytes: nothing is left over.
  add("a", method::pseudonym);
  CHECK(made(R"({"a":""})") == R"({"a":")" + pseudonyms.of("") + R"("})");
  add("b", method::pseudonym).default_token = "\"\"";
  CHECK(made(R"({"a":""})") ==
        R"({"a":")" + pseudonyms.of("") + R"(","b":")" + pseudonyms.of("") + R"("})");
  std::string many = R"({"l":[)";
  rules.fields = {turnstile::tests::rule_of("l[]", method::pseudonym)};
  for (int i = 0; i < 10000; ++i) many += "1,";
  many.back() = ']';
  CHECK(made(many + "}").size() == 10000 * 67 + 7);
}

TEST_CASE_FIXTURE(rules_fixture, "hostile events are taken as they are") {
  add("**.x", method::null);
  std::string deep;
  for (int i = 0; i < 31; ++i) deep += i % 2 == 0 ? "{\"a\":" : "[";
  std::string back;
  for (int i = 31; i-- > 0;) back += i % 2 == 0 ? "}" : "]";
  CHECK(made(deep + R"({"x":1})" + back) == deep + R"({"x":null})" + back);
  CHECK(made("{\"b\":" + deep + R"({"x":1})" + back + "}").starts_with("too_deep"));
  auto& time = add("t[]");
  time.type = field_type::time;
  time.time.output = time_output::datetime;
  std::string times = "{\"t\":[";
  for (int i = 0; i < 40000; ++i) times += "60,";
  times.back() = ']';
  CHECK(made(times + "}").size() == 40000 * 22 + 7);
  std::string wide = "{\"o\":{";
  for (int i = 0; i < 10000; ++i) wide += R"("x":)" + std::to_string(i) + R"(,"**.x":0,)";
  wide.back() = '}';
  const std::string written = made(wide + "}");
  CHECK(written.find("\"x\":9") == std::string::npos);
  CHECK(std::count(written.begin(), written.end(), 'n') == 10000);
}

TEST_CASE_FIXTURE(rules_fixture, "a truncated time is nowhere more exact than its rule says") {
  auto& at = add("at");
  at.type = field_type::time;
  at.time.output = time_output::datetime;
  at.time.truncate = time_truncation::hour;
  add("must").default_token = "1";
  rules.drop = {{"beat", {{"true", false, false}}}};
  CHECK(made(R"({"at":1729894074})") == R"({"at":"2024-10-25 22:00:00","must":1})");
  CHECK(refused_content(R"({"at":1729894074})") == R"({"at":"2024-10-25 22:00:00","must":1})");
  CHECK(made(R"({"at":1729894074,"beat":true})").find("22:00:00") != std::string::npos);
  rules.fields[1].default_token.reset();
  rules.fields[1].required = true;
  CHECK(content(R"({"at":1729894074})") == R"({"at":"2024-10-25 22:00:00"})");
  CHECK(content(R"({"at":-1})") == "{}");
}

}  // namespace
