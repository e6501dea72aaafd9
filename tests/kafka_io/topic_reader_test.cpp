#include "kafka_io/topic_reader.hpp"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;
using testing::read_records;

TEST_CASE_FIXTURE(broker_fixture, "reads all partitions of all topics from the beginning") {
  create("a", 3);
  create("b", 1);
  send("a", 0, {"a00", "a01"});
  send("a", 2, {"a20"});
  send("b", 0, {"b00"});
  auto from = reader({"a", "b"}, read_from::beginning);
  std::map<std::string, std::vector<std::string>> by_place;
  for (const auto& record : read_records(from, 4)) {
    by_place[record.topic + std::to_string(record.partition)].push_back(*record.value);
  }
  CHECK(by_place["a0"] == std::vector<std::string>{"a00", "a01"});
  CHECK(by_place["a2"] == std::vector<std::string>{"a20"});
  CHECK(by_place["b0"] == std::vector<std::string>{"b00"});
}

TEST_CASE_FIXTURE(broker_fixture, "from the end reads what is written after it was opened") {
  create("a", 1);
  send("a", 0, {"before"});
  auto from = reader({"a"}, read_from::end);
  send("a", 0, {"after"});
  const auto records = read_records(from, 1);
  REQUIRE(records.size() == 1);
  CHECK(records[0].value == "after");
  CHECK(records[0].offset == 1);
}

TEST_CASE_FIXTURE(broker_fixture, "keeps null, empty and binary apart in keys, values, headers") {
  create("a", 1);
  const std::string binary{"\0\xff", 2};
  {
    auto to = writer("a");
    const std::vector<core::header_view> headers{{"h", "1"}, {"h", binary}, {"n", {}}, {"e", ""}};
    REQUIRE(to.send({.key = binary, .value = binary, .headers = headers, .partition = 0}));
    REQUIRE(to.send({.partition = 0}));
    REQUIRE(to.send({.key = "", .value = "", .partition = 0, .timestamp_ms = 1234}));
    REQUIRE(to.flush(patience));
  }
  auto from = reader({"a"}, read_from::beginning);
  const auto records = read_records(from, 3);
  REQUIRE(records.size() == 3);
  CHECK(records[0].key == binary);
  CHECK(records[0].value == binary);
  REQUIRE(records[0].headers.size() == 4);
  CHECK(records[0].headers[1].second == binary);
  CHECK_FALSE(records[0].headers[2].second.has_value());
  CHECK(records[0].headers[3].second == "");
  CHECK_FALSE(records[1].key.has_value());
  CHECK_FALSE(records[1].value.has_value());
  CHECK(records[2].key == "");
  CHECK(records[2].value == "");
  CHECK(records[2].timestamp_ms == 1234);
}

TEST_CASE_FIXTURE(broker_fixture, "reading an empty topic ends with its timeout") {
  create("a", 1);
  auto from = reader({"a"}, read_from::beginning);
  CHECK(from.read(std::chrono::milliseconds{50}, [](const topic_record&) {}) == 0);
}

TEST_CASE("no broker is an error within the timeout") {
  const auto opened = topic_reader::open(testing::test_settings("127.0.0.1:1"), {"a"},
                                         read_from::end, std::chrono::milliseconds{300});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().text.find("no broker answers") == 0);
}

}  // namespace
}  // namespace turnstile::kafka_io
