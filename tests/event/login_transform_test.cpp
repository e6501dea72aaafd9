#include "tests/support/login_transform.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/event/login_fixture.hpp"

using namespace turnstile::core;
using namespace turnstile::tests;
using turnstile::event::pseudonymiser;
using turnstile::event::secret_key;
using turnstile::event::wire_bytes;

namespace {

// echo -n 70.201.62.158 | sha256sum, and of the device_id of real_event.
const std::string ip_pseudonym = "3caabc4c875e44d6a17393c758be1ed65d4340f07b3f1ad21bf2d8cb69c4282e";
const std::string device_pseudonym =
    "e5ceebc539cd57ad365232ae29b72202a9b35a0bd050fb76a2cce74d9b3f508e";

const std::string real_output =
    R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26","app_version":"2.3.0","ip":")" +
    ip_pseudonym + R"(","locale":"KS","device_id":")" + device_pseudonym +
    R"(","timestamp":"2024-10-25 22:07:54","device_type":"iOS"})";

std::string event_with(std::string_view field) {
  return with(real_event, "}", ", " + std::string(field) + "}");
}
std::string output_with(std::string_view field) {
  return with(real_output, "}", "," + std::string(field) + "}");
}

std::vector<std::string> counted(const output_record& out) {
  return {out.counted.begin(), out.counted.end()};
}

}  // namespace

TEST_CASE_FIXTURE(login_fixture,
                  "a real event is republished pseudonymised, compact, in its order") {
  const auto& out = run(real_event);
  CHECK(out.result == outcome::processed);
  CHECK(out.topic == output_topic::processed);
  CHECK(out.value == real_output);
  CHECK(out.source_offset == 7);
  CHECK(out.timestamp_ms == 1729894074123);
  CHECK(out.key == "key");
  CHECK(out.headers.empty());
  CHECK(batch.failures.empty());
}

TEST_CASE_FIXTURE(login_fixture, "what the summary and an error record need stands in the slot") {
  const auto& out = run(real_event);
  CHECK(counted(out) == std::vector<std::string>{"iOS", "KS"});
  CHECK(out.user_id == "\"62001a69-dc2c-4b28-8650-521ac278de26\"");
  CHECK(out.content == out.value);
  REQUIRE(out.edits.size() == 1);
  CHECK(out.edits[0].with == "1729894074");
  CHECK(out.content.substr(out.edits[0].at, out.edits[0].bytes) == "\"2024-10-25 22:07:54\"");
}

TEST_CASE_FIXTURE(login_fixture, "an output needs nothing of its input") {
  run(real_event);
  const std::string escaped = with(with(real_event, "iOS", R"(i\u004fS)"), "KS", R"(\u004b\n)");
  headers = {{"name", "value"}};
  run(escaped);
  for (auto& text : kept) text.assign(text.size(), '#');
  CHECK(batch.outputs[0].value == real_output);
  CHECK(batch.outputs[0].key == "key");
  CHECK(counted(batch.outputs[1]) == std::vector<std::string>{"iOS", "K\n"});
  CHECK(batch.outputs[1].value ==
        with(with(real_output, "iOS", R"(i\u004fS)"), "KS", R"(\u004b\n)"));
}

TEST_CASE_FIXTURE(login_fixture, "a timestamp may be a string of digits") {
  CHECK(processed(with(real_event, "1729894074", "\"1729894074\"")) == real_output);
  CHECK(batch.outputs.back().edits[0].with == "\"1729894074\"");
}

TEST_CASE_FIXTURE(login_fixture, "pseudonyms are of the unescaped string") {
  const std::string escaped = with(real_event, "70.201.62.158", R"(7\u0030.201.62.158)");
  CHECK(processed(escaped) == real_output);
}

TEST_CASE_FIXTURE(login_fixture, "with a key pseudonyms are keyed") {
  const std::vector<unsigned char> secret(32, 'k');
  pseudonyms = std::make_shared<pseudonymiser>(secret_key(secret));
  CHECK(processed(real_event) ==
        with(with(real_output, ip_pseudonym, pseudonyms->of("70.201.62.158")), device_pseudonym,
             pseudonyms->of("f6a1baa4-af52-443f-b54f-0eeccb502f12")));
}

TEST_CASE_FIXTURE(login_fixture, "unknown fields pass through byte for byte, only blanks go") {
  for (const auto* field : {R"("n":123456789012345678901234567890)", R"("n":-0.10e-05)",
                            R"("n":1E+2)", R"("s":"\/\u00e4ä\" ")", R"("\u0041\n":null)",
                            R"("o":{"b":[1,{"c":"x y"}],"a":{}})", R"("":[])", R"("b":true)"})
    CHECK(processed(event_with(field)) == output_with(field));
  CHECK(processed(event_with("\"o\" :\t{ \"b\\\" \" : [ 1 ,\r\n2 ] }")) ==
        output_with(R"("o":{"b\" ":[1,2]})"));
}

TEST_CASE_FIXTURE(login_fixture, "an unknown field keeps its place") {
  CHECK(processed(with(real_event, "{", "{\"first\":1,")) ==
        with(real_output, "{", "{\"first\":1,"));
  CHECK(processed(with(real_event, "\"locale\"", "\"x\": [ ], \"locale\"")) ==
        with(real_output, "\"locale\"", "\"x\":[],\"locale\""));
}

TEST_CASE_FIXTURE(login_fixture, "unknown fields can be dropped") {
  options.event.unknown = unknown_policy::drop;
  CHECK(processed(event_with("\"email\":\"a@b.example\"")) == real_output);
  CHECK(processed(with(real_event, "{", "{\"email\":{\"ip\":1},")) == real_output);
  CHECK(processed(with(real_event, "\"locale\"", "\"x\": [ ], \"locale\"")) == real_output);
}

TEST_CASE_FIXTURE(login_fixture,
                  "an absent field with a default is appended and a null one replaced in place") {
  rule_of(options, "device_type").default_token = R"("un\"known")";
  const std::string absent = with(real_event, R"(, "device_type": "iOS")", "");
  CHECK(processed(absent) == with(real_output, "iOS", R"(un\"known)"));
  CHECK(counted(batch.outputs.back()).front() == "un\"known");
  const std::string null =
      with(with(real_event, R"(, "device_type": "iOS")", ""), "{", "{\"device_type\": null, ");
  CHECK(processed(null) == with(with(real_output, R"(,"device_type":"iOS")", ""), "{",
                                R"({"device_type":"un\"known",)"));
}

TEST_CASE_FIXTURE(login_fixture, "defaults are treated as if they had been received") {
  for (const auto* name : {"ip", "device_id", "app_version", "timestamp", "locale", "device_type"})
    rule_of(options, name).default_token = "\"1\"";
  keep_versions(options, {"1"});
  const std::string one = pseudonyms->of("1");
  CHECK(
      processed(R"({"user_id":"u"})") ==
      R"({"user_id":"u","ip":")" + one + R"(","device_id":")" + one +
          R"(","app_version":"1","device_type":"1","timestamp":"1970-01-01 00:00:01","locale":"1"})");
  CHECK(batch.outputs.back().edits[0].with == "\"1\"");
}

TEST_CASE_FIXTURE(login_fixture, "the timestamp's format is an option") {
  rule_of(options, "timestamp").time.output = time_output::rfc3339;
  CHECK(processed(real_event) == with(real_output, "2024-10-25 22:07:54", "2024-10-25T22:07:54Z"));
}

TEST_CASE_FIXTURE(login_fixture, "milliseconds and ISO 8601 are options") {
  const std::string ms = with(real_event, "1729894074", "1729894074999");
  CHECK(error_type(ms).find("units = \"magnitude\"") != std::string::npos);
  rule_of(options, "timestamp").time.units = time_units::magnitude;
  CHECK(processed(ms) == real_output);
  const std::string iso = with(real_event, "1729894074", "\"2024-10-25T22:07:54Z\"");
  CHECK(error_type(iso).find("iso8601 = true") != std::string::npos);
  rule_of(options, "timestamp").time.iso8601 = true;
  CHECK(processed(iso) == real_output);
}

TEST_CASE_FIXTURE(login_fixture,
                  "another app_version goes to cleaned-data with its own timestamp") {
  const auto& out = run(with(event_with("\"x\" : 1"), "2.3.0", "2.4.0"));
  CHECK(out.result == outcome::filtered);
  CHECK(out.topic == output_topic::cleaned);
  CHECK(out.key == "key");
  const std::string content =
      with(with(output_with("\"x\":1"), "2.3.0", "2.4.0"), "\"2024-10-25 22:07:54\"", "1729894074");
  CHECK(out.content == content);
  CHECK(out.value ==
        R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26","message_content":)" + content +
            R"(,"clean_type":"filtered_app_version","timestamp":"2024-10-25 22:14:20"})");
  CHECK(batch.failures.empty());
}

TEST_CASE_FIXTURE(login_fixture, "the filter compares unescaped, with a list, and none keeps all") {
  CHECK(processed(with(real_event, "2.3.0", R"(2\u002e3.0)")) ==
        with(real_output, "2.3.0", R"(2\u002e3.0)"));
  keep_versions(options, {"1.0.0", "2.4.0"});
  CHECK(run(real_event).result == outcome::filtered);
  CHECK(run(with(real_event, "2.3.0", "2.4.0")).result == outcome::processed);
  keep_versions(options, {});
  CHECK(run(with(real_event, "2.3.0", "")).result == outcome::processed);
}

TEST_CASE_FIXTURE(login_fixture, "key and headers are kept, null where they are null") {
  key = std::nullopt;
  headers = {{"a", "1"}, {"a", std::nullopt}, {"", ""}};
  const auto& out = run(real_event);
  CHECK_FALSE(out.key);
  REQUIRE(out.headers.size() == 3);
  CHECK(out.headers[0].name == "a");
  CHECK(out.headers[0].value == "1");
  CHECK_FALSE(out.headers[1].value);
  CHECK(out.headers[2].value == "");
  key = "";
  CHECK(run(real_event).key == "");
}

TEST_CASE_FIXTURE(login_fixture, "headers that the worker writes itself are not carried") {
  headers = {
      {"turnstile-origin", "x"}, {"turnstile-reason", "x"},   {"turnstile-stage", "x"},
      {"turnstile-worker", "x"}, {"turnstile-attempts", "x"}, {"turnstile-truncated", "x"},
      {"turnstile-mine", "x"},   {"Turnstile-origin", "x"},   {"turnstile-origin-timestamp", "x"}};
  const auto& out = run(real_event);
  REQUIRE(out.headers.size() == 2);
  CHECK(out.headers[0].name == "turnstile-mine");
  CHECK(out.headers[1].name == "Turnstile-origin");
}

TEST_CASE_FIXTURE(login_fixture,
                  "key and headers can be hashed or dropped, on every kind of output") {
  for (const std::string& value : {real_event, with(real_event, "2.3.0", "1"), std::string("{")}) {
    headers = {{"a", "secret"}, {"b", std::nullopt}};
    options.event.key.method = field_method::pseudonym;
    options.event.other_headers.method = field_method::pseudonym;
    const output_record hashed = run(value);
    CHECK(hashed.key == pseudonyms->of("key"));
    CHECK(header(hashed, "a") == pseudonyms->of("secret"));
    CHECK(header(hashed, "b") == "null");
    options.event.key.method = field_method::drop;
    options.event.other_headers.method = field_method::drop;
    const output_record dropped = run(value);
    CHECK_FALSE(dropped.key);
    CHECK(dropped.headers.empty());
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "an output at its topic's limit is written and one byte more is an error") {
  const std::size_t bytes = wire_bytes(run(real_event), origin_bytes(options.topics.input.size()));
  const auto limit = static_cast<std::size_t>(output_topic::processed);
  layout->record_bytes_max[limit] = bytes;
  CHECK(run(real_event).result == outcome::processed);
  layout->record_bytes_max[limit] = bytes - 1;
  const auto& out = run(real_event);
  CHECK(out.result == outcome::failed);
  CHECK(out.topic == output_topic::errors);
  CHECK(out.value.empty());
  CHECK(failed().reason == reason::too_large);
  CHECK(failed().stage == stage::transform);
  CHECK(failed().content.empty());
}

TEST_CASE_FIXTURE(login_fixture,
                  "a value at the size limit is processed and one byte more is an error") {
  options.input.value_bytes_max = static_cast<std::int64_t>(real_event.size());
  CHECK(processed(real_event) == real_output);
  options.input.value_bytes_max -= 1;
  CHECK(run(real_event).result == outcome::failed);
  CHECK(failed().reason == reason::too_large);
  CHECK(failed().stage == stage::parse);
}
