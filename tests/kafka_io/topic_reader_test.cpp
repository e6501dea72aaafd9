#include "kafka_io/tools/topic_reader.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/ask/admin.hpp"

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

/// The values that a reader of `scope` finds, until it says that all is read.
std::vector<std::string> read_to_end(const broker_fixture& fixture, read_scope scope,
                                     const std::vector<std::string>& topics = {"a"}) {
  scope.until_end = true;
  auto opened = topic_reader::open(fixture.settings, topics, scope, patience);
  REQUIRE(opened);
  std::vector<std::string> values;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!opened->at_end() && std::chrono::steady_clock::now() < deadline) {
    opened->read(std::chrono::milliseconds{50}, [&values](const topic_record& record) {
      values.emplace_back(record.record.value.value_or(""));
    });
  }
  CHECK(opened->at_end());
  CHECK(opened->take_errors().empty());
  return values;
}

using values = std::vector<std::string>;

TEST_CASE_FIXTURE(broker_fixture, "until the end it reads what is there, and says when it has it") {
  create("a", 3);
  create("b", 1);
  CHECK(read_to_end(*this, read_from::beginning) == values{});
  send("a", 1, {"1", "2", "3"});
  send("b", 0, {"4"});
  CHECK(read_to_end(*this, read_from::beginning) == values{"1", "2", "3"});
  CHECK(read_to_end(*this, read_from::beginning, {"a", "b"}).size() == 4);
  CHECK(read_to_end(*this, read_from::end) == values{});
}

TEST_CASE_FIXTURE(broker_fixture, "what is written after it was opened is beyond the end") {
  create("a", 1);
  send("a", 0, {"1"});
  read_scope scope{read_from::beginning};
  scope.until_end = true;
  auto opened = topic_reader::open(settings, {"a"}, scope, patience);
  REQUIRE(opened);
  send("a", 0, {"2"});
  values found;
  while (!opened->at_end()) {
    opened->read(std::chrono::milliseconds{50}, [&found](const topic_record& record) {
      found.emplace_back(*record.record.value);
    });
  }
  CHECK(found == values{"1"});
}

TEST_CASE_FIXTURE(broker_fixture, "it begins at an offset, or so many before the end") {
  create("a", 1);
  send("a", 0, {"0", "1", "2", "3"});
  CHECK(read_to_end(*this, {read_from::offset, 0}).size() == 4);
  CHECK(read_to_end(*this, {read_from::offset, 3}) == values{"3"});
  CHECK(read_to_end(*this, {read_from::last, 1}) == values{"3"});
  CHECK(read_to_end(*this, {read_from::last, 4}).size() == 4);
}

TEST_CASE_FIXTURE(broker_fixture, "a place beyond what is there is the nearest that is") {
  create("a", 1);
  send("a", 0, {"0", "1"});
  CHECK(read_to_end(*this, {read_from::offset, 2}) == values{});
  CHECK(read_to_end(*this, {read_from::offset, INT64_MAX}) == values{});
  CHECK(read_to_end(*this, {read_from::last, 3}).size() == 2);
}

TEST_CASE_FIXTURE(broker_fixture, "of the partitions it reads those that were named, each once") {
  create("a", 3);
  send("a", 0, {"0"});
  send("a", 2, {"2"});
  read_scope scope{read_from::beginning};
  scope.partitions = {2, 1, 2};
  CHECK(read_to_end(*this, scope) == values{"2"});
  for (const std::int32_t missing : {-1, 3}) {
    scope.partitions = {0, missing};
    const auto opened = topic_reader::open(settings, {"a"}, scope, patience);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text ==
          "topic a has 3 partitions, no partition " + std::to_string(missing));
  }
  CHECK(missing_partition({.name = "a", .partitions = 1}, 1)->text ==
        "topic a has 1 partition, no partition 1");
  CHECK_FALSE(missing_partition({.name = "a", .partitions = 1}, 0));
  rd_kafka_mock_topic_set_error(broker.cluster_for_tests(), "gone",
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CHECK(topic_reader::open(settings, {"gone"}, {read_from::beginning}, patience).error().text ==
        "there is no topic gone");
}

TEST_CASE_FIXTURE(broker_fixture,
                  "by time, what is there comes as it was written, of all partitions") {
  create("a", 2);
  create("b", 1);
  const auto write = [this](const std::string& topic, std::int32_t partition, std::int64_t time) {
    auto to = writer(topic);
    const auto value = std::to_string(time);
    REQUIRE(to.send({.value = value, .partition = partition, .timestamp_ms = time}));
    REQUIRE(to.flush(patience));
  };
  write("a", 0, 1000);
  write("a", 0, 4000);
  write("a", 1, 2000);
  write("a", 1, 5000);
  write("b", 0, 3000);
  read_scope scope{read_from::beginning};
  scope.by_time = true;
  const values in_time{"1000", "2000", "3000", "4000", "5000"};
  CHECK(read_to_end(*this, scope, {"a", "b"}) == in_time);
  // Without an end too, and what comes later comes as it is written.
  auto opened = topic_reader::open(settings, {"a", "b"}, scope, patience);
  REQUIRE(opened);
  write("b", 0, 10);
  values found;
  // A read may hand out nothing although something came: it is held until its turn.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (found.size() < 6 && std::chrono::steady_clock::now() < deadline) {
    opened->read(std::chrono::milliseconds{50}, [&found](const topic_record& record) {
      found.emplace_back(*record.record.value);
    });
  }
  REQUIRE(found.size() == 6);
  CHECK(std::ranges::is_sorted(values{found.begin(), found.begin() + 3}));
  CHECK(std::ranges::find(found, "10") > std::ranges::find(found, "3000"));
}

TEST_CASE("no broker is an error within the timeout") {
  const auto opened = topic_reader::open(testing::test_settings("127.0.0.1:1"), {"a"},
                                         read_from::end, std::chrono::milliseconds{300});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().text.find("no broker answers") == 0);
}

}  // namespace
}  // namespace turnstile::kafka_io
