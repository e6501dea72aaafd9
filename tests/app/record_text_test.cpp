#include "app/terminal/record_text.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "app/terminal/text_width.hpp"

namespace turnstile::app {
namespace {

struct record_fixture {
  std::vector<core::header_view> headers{{"turnstile-origin", "user-login/3/5678"},
                                         {"turnstile-reason", "missing_fields"}};
  kafka_io::topic_record record{.topic = "processed-errors", .partition = 3};
  // Standard output of a test is no terminal: no colours.
  record_text text{painter{stdout}, 0, 120};

  record_fixture() {
    record.record.offset = 42;
    record.record.timestamp_ms = 1729894460123;
    record.record.key = "key";
    record.record.value = R"({"user_id": "u", "nested": {"a": [1, 2]}})";
    record.record.headers = headers;
  }

  [[nodiscard]] std::string line(std::string_view value) {
    record.record.value = value;
    return text.for_people(record);
  }
};

const std::string pseudonym(64, 'a');
const std::string uuid = "62001a69-dc2c-4b28-8650-521ac278de26";
const std::string processed = R"({"device_type":"iOS","timestamp":"2024-10-25 22:07:54","ip":")" +
                              pseudonym + R"(","locale":"KS","device_id":")" + pseudonym +
                              R"(","user_id":")" + uuid + R"(","app_version":"2.3.0"})";
const std::string refused =
    R"({"user_id":")" + uuid +
    R"(","error_type":"Missing fields: ip, device_id, device_type","reason":"missing_fields",)"
    R"("message_content":{"ip":")" +
    pseudonym + R"(","locale":"KS"},"timestamp":"2026-11-30 11:20:33"})";

TEST_CASE_FIXTURE(record_fixture, "a line for people has time, place, origin, reason and fields") {
  const std::string shown = text.for_people(record);
  CHECK(shown.find("22:14:20.123") == 0);
  CHECK(shown.find("3/42") != std::string::npos);
  CHECK(shown.find("from user-login/3/5678") != std::string::npos);
  CHECK(shown.find("missing_fields") != std::string::npos);
  CHECK(shown.find("user_id=u  nested={\"a\":[1,2]}") != std::string::npos);
}

TEST_CASE_FIXTURE(record_fixture, "whatever a record holds, it is one line of the terminal") {
  std::string wide_text;
  for (int i = 0; i < 300; ++i) wide_text += "\xe6\x97\xa5";
  const std::string long_name(300, 'n');
  const std::vector<std::string> values{
      processed,
      refused,
      R"({"message_content":)" + processed + R"(,"clean_type":"filtered_app_version"})",
      R"({"user_id":")" + wide_text + R"("})",
      R"({")" + long_name + R"(":1,"error_type":")" + long_name + R"("})",
      R"([")" + long_name + R"("])",
      "",
      "{}"};
  for (const std::size_t width : {60u, 80u, 120u, 200u}) {
    CAPTURE(width);
    for (const std::size_t topic_width : {0u, 16u, 249u}) {
      CAPTURE(topic_width);
      record_text narrow{painter{stdout}, topic_width, width};
      // Twice, because columns grow with what was seen.
      for (int round = 0; round < 2; ++round) {
        for (const auto& value : values) {
          record.record.value = value;
          const std::string shown = narrow.for_people(record);
          CAPTURE(shown);
          // 60 columns have no room for a topic beside time, place and origin.
          if (width > 60 || topic_width == 0) CHECK(columns(shown) <= width);
          CHECK(shown.find('\n') == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE_FIXTURE(record_fixture,
                  "fields come in the same order, in line, and the widest is whole") {
  record.record.headers = {};
  record_text wide_lines{painter{stdout}, 0, 200};
  record.record.value = processed;
  const std::string first = wide_lines.for_people(record);
  CHECK(
      first.ends_with("user_id=" + uuid +
                      "  app_version=2.3.0  device_type=iOS  locale=KS  "
                      "timestamp=2024-10-25 22:07:54  ip=aaaaaaaaaaaa…  device_id=aaaaaaaaaaaa…"));
  const std::string other =
      R"({"user_id":")" + uuid + R"(","app_version":"2.3","locale":"KS","device_type":"android"})";
  record.record.value = other;
  CHECK(wide_lines.for_people(record).find("device_type=") == first.find("device_type="));
  record.record.value = processed;
  CHECK(wide_lines.for_people(record).find("locale=") > first.find("locale="));
}

TEST_CASE_FIXTURE(record_fixture,
                  "what has no room is left out whole, the least first, and … says so") {
  record.record.headers = {};
  record_text narrow{painter{stdout}, 0, 80};
  record.record.value = processed;
  const std::string shown = narrow.for_people(record);
  CHECK(shown.find("user_id=62001a69…  app_version=2.3.0") != std::string::npos);
  CHECK(shown.find("device_id=") == std::string::npos);
  CHECK(shown.ends_with(" …"));
  record.record.value = R"({"user_id":"u"})";
  CHECK_FALSE(narrow.for_people(record).ends_with("…"));
}

TEST_CASE_FIXTURE(record_fixture,
                  "an error says its reason once, and its text whole where it fits") {
  for (const std::size_t width : {80u, 120u, 200u}) {
    CAPTURE(width);
    record_text lines{painter{stdout}, 0, width};
    record.record.value = refused;
    const std::string shown = lines.for_people(record);
    CAPTURE(shown);
    CHECK(shown.find("reason=") == std::string::npos);
    CHECK(shown.find("2026-11-30") == std::string::npos);
    CHECK((shown.find("missing_fields") != std::string::npos) == (width >= 100));
    CHECK(shown.find("Missing fields: ip, device_id, device_type") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(record_fixture, "the day stands above its first record") {
  CHECK(text.day_line(record) == "2024-10-25 (UTC)");
  CHECK(text.day_line(record).empty());
  record.record.timestamp_ms += 86'400'000;
  CHECK(text.day_line(record) == "2024-10-26 (UTC)");
  record.record.timestamp_ms = -1;
  CHECK(text.day_line(record).empty());
}

TEST_CASE_FIXTURE(record_fixture, "what is no JSON object is shown as text on one line") {
  CHECK(line("a\nb\x1b[31m").ends_with(R"("a\nb\u001b[31m")"));
  CHECK(line("").ends_with("(empty)"));
  record.record.value = {};
  CHECK(text.for_people(record).ends_with("(null)"));
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
  record_text wide{painter{stdout}, 20, 120};
  CHECK(wide.for_people(record).find("processed-errors    ") != std::string::npos);
}

}  // namespace
}  // namespace turnstile::app
