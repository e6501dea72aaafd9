#include "app/record_text.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

struct record_fixture {
  std::vector<core::header_view> headers{{"turnstile-origin", "user-login/3/5678"},
                                         {"turnstile-reason", "missing_fields"}};
  kafka_io::topic_record record{.topic = "processed-errors", .partition = 3};
  // Standard output of a test is no terminal: no colours.
  record_text text{painter{stdout}, 0};

  record_fixture() {
    record.record.offset = 42;
    record.record.timestamp_ms = 1729894460123;
    record.record.key = "key";
    record.record.value = R"({"user_id": "u", "nested": {"a": [1, 2]}})";
    record.record.headers = headers;
  }
};

TEST_CASE_FIXTURE(record_fixture, "a line for people has time, place, origin, reason and fields") {
  const std::string line = text.for_people(record);
  CHECK(line.find("22:14:20.123") == 0);
  CHECK(line.find("3/42") != std::string::npos);
  CHECK(line.find("from user-login/3/5678") != std::string::npos);
  CHECK(line.find("missing_fields") != std::string::npos);
  CHECK(line.find("user_id=u  nested={\"a\":[1,2]}") != std::string::npos);
}

TEST_CASE_FIXTURE(record_fixture, "a pseudonym is cut, a UUID is not") {
  const std::string pseudonym(64, 'a');
  const std::string value =
      R"({"ip":")" + pseudonym + R"(","id":"62001a69-dc2c-4b28-8650-521ac278de26"})";
  CHECK(text.fields_of(value) == "ip=aaaaaaaaaaaa…  id=62001a69-dc2c-4b28-8650-521ac278de26");
}

TEST_CASE_FIXTURE(record_fixture, "a long value is not cut within a character") {
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "\xc3\xa4";
  const std::string shown = text.fields_of("{\"a\":\"x" + umlauts + "\"}");
  CHECK(shown.find("…") == shown.size() - 3);
  CHECK(shown.find("\xef\xbf\xbd") == std::string::npos);
}

TEST_CASE_FIXTURE(record_fixture, "what is no JSON object is shown as text on one line") {
  CHECK(text.fields_of(core::maybe_bytes{}) == "(null)");
  CHECK(text.fields_of("") == "(empty)");
  CHECK(text.fields_of("a\nb\x1b[31m") == R"("a\nb\u001b[31m")");
}

TEST_CASE_FIXTURE(record_fixture, "JSON has the value as an object, compact") {
  CHECK(text.as_json(record) ==
        R"({"topic":"processed-errors","partition":3,"offset":42,)"
        R"("timestamp":"2024-10-25T22:14:20.123Z","origin":"user-login/3/5678",)"
        R"("reason":"missing_fields","key":"key","headers":)"
        R"([["turnstile-origin","user-login/3/5678"],["turnstile-reason","missing_fields"]],)"
        R"("value":{"user_id":"u","nested":{"a":[1,2]}}})");
}

TEST_CASE_FIXTURE(record_fixture, "JSON keeps null, empty and text apart") {
  record.record.key = {};
  record.record.value = {};
  record.record.headers = {};
  record.record.timestamp_ms = -1;
  const std::string start =
      R"({"topic":"processed-errors","partition":3,"offset":42,"timestamp":null,)"
      R"("key":null,"headers":[],"value":)";
  CHECK(text.as_json(record) == start + "null}");
  record.record.value = "";
  CHECK(text.as_json(record) == start + R"(""})");
  record.record.value = "[1]";
  CHECK(text.as_json(record) == start + R"("[1]"})");
}

TEST_CASE_FIXTURE(record_fixture, "JSON moves no cursor either") {
  record.record.value =
      "{\"a\":\"\xc2\x9b"
      "2J\x7f\xe2\x80\xae\xc3\xa4\"}";
  const std::string json = text.as_json(record);
  CHECK(json.ends_with(R"("value":{"a":"\u009b2J\u007f\u202eä"}})"));
}

TEST_CASE_FIXTURE(record_fixture, "a time that no clock holds is left out") {
  record.record.timestamp_ms = 9'223'372'036'854;
  CHECK(text.as_json(record).find(R"("timestamp":"2262-04-11T23:47:16.854Z")") !=
        std::string::npos);
  for (const std::int64_t ms : {std::int64_t{9'223'372'036'855}, INT64_MAX}) {
    record.record.timestamp_ms = ms;
    CHECK(text.as_json(record).find(R"("timestamp":null)") != std::string::npos);
    CHECK(text.for_people(record).starts_with("              "));
  }
}

TEST_CASE_FIXTURE(record_fixture, "the topic stands in the line where several are watched") {
  record_text wide{painter{stdout}, 20};
  CHECK(wide.for_people(record).find("processed-errors    ") != std::string::npos);
}

}  // namespace
}  // namespace turnstile::app
