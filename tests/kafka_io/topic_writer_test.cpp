#include "kafka_io/tools/topic_writer.hpp"

#include <string>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "core/layout.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;
using testing::read_records;

TEST_CASE_FIXTURE(broker_fixture, "counts what was delivered by tag") {
  create("a", 2);
  auto to = writer("a");
  for (int i = 0; i < 10; ++i)
    REQUIRE(to.send({.value = "x", .tag = static_cast<std::uint8_t>(i < 3 ? 7 : 255)}));
  REQUIRE(to.flush(patience));
  CHECK(to.delivered(7) == 3);
  CHECK(to.delivered(255) == 7);
  CHECK(to.delivered() == 10);
  CHECK(to.failed() == 0);
}

TEST_CASE_FIXTURE(broker_fixture, "a full queue makes room by waiting, not by losing") {
  settings.kafka.producer["queue.buffering.max.messages"] = "10";
  create("a", 1);
  auto to = writer("a");
  for (int i = 0; i < 1000; ++i) REQUIRE(to.send({.value = std::to_string(i), .partition = 0}));
  REQUIRE(to.flush(patience));
  CHECK(to.delivered() == 1000);
}

TEST_CASE_FIXTURE(broker_fixture, "waiting for room ends when it is told to stop") {
  settings.kafka.producer["queue.buffering.max.messages"] = "1";
  settings.kafka.brokers = {"127.0.0.1:1"};
  auto to = writer("a");
  REQUIRE(to.send({.value = "fits"}));
  CHECK_FALSE(to.send({.value = "waits"}, [] { return true; }));
}

TEST_CASE_FIXTURE(broker_fixture, "a record that librdkafka refuses leaves the reason") {
  create("a", 1);
  auto to = writer("a");
  CHECK_FALSE(to.send({.value = std::string(101'000'000, 'x')}));
  REQUIRE(to.error());
  CHECK(to.error()->code.kind() == error_kind::message_too_large);
}

TEST_CASE_FIXTURE(broker_fixture, "keys choose the partition as Java's default does") {
  create("a", 8);
  auto to = writer("a");
  for (int i = 0; i < 100; ++i) {
    REQUIRE(to.send({.key = "key " + std::to_string(i), .value = "x"}));
  }
  REQUIRE(to.flush(patience));
  auto from = reader({"a"}, read_from::beginning);
  const auto records = read_records(from, 100);
  REQUIRE(records.size() == 100);
  for (const auto& record : records) {
    CAPTURE(*record.key);
    CHECK(record.partition == static_cast<int>(core::murmur2(*record.key) & 0x7fffffff) % 8);
  }
}

TEST_CASE_FIXTURE(broker_fixture, "a writer that is dropped with unsent records does not hang") {
  settings.kafka.brokers = {"127.0.0.1:1"};
  auto to = writer("a");
  for (int i = 0; i < 100; ++i) REQUIRE(to.send({.value = "x"}));
}

}  // namespace
}  // namespace turnstile::kafka_io
