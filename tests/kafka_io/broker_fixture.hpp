// An embedded broker with settings for it, and what tests of kafka_io do with records.
//
// Owned by one test, on its thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "kafka_io/io.hpp"
#include "kafka_io/tools/embedded_broker.hpp"
#include "kafka_io/tools/topic_reader.hpp"
#include "kafka_io/tools/topic_writer.hpp"
#include "test_settings.hpp"

namespace turnstile::kafka_io::testing {

inline constexpr std::chrono::milliseconds patience{10000};

/// A record as read, copied.
struct kept_record {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

inline std::optional<std::string> kept(const core::maybe_bytes& bytes) {
  if (!bytes) return {};
  return std::string{*bytes};
}

inline kept_record kept(const topic_record& from) {
  kept_record copy{.topic = std::string{from.topic},
                   .partition = from.partition,
                   .offset = from.record.offset,
                   .timestamp_ms = from.record.timestamp_ms,
                   .key = kept(from.record.key),
                   .value = kept(from.record.value)};
  for (const auto& header : from.record.headers) {
    copy.headers.emplace_back(std::string{header.name}, kept(header.value));
  }
  return copy;
}

struct broker_fixture {
  embedded_broker broker;
  core::settings settings = test_settings();

  explicit broker_fixture(int brokers = 1) : broker(started(brokers)) {
    tune_for_embedded(settings, broker);
  }

  void create(const std::string& topic, int partitions) {
    REQUIRE_FALSE(broker.create_topic(topic, partitions));
  }

  topic_writer writer(const std::string& topic) const {
    auto opened = topic_writer::open(settings, topic);
    REQUIRE(opened);
    return std::move(*opened);
  }

  topic_reader reader(const std::vector<std::string>& topics, read_from from) const {
    auto opened = topic_reader::open(settings, topics, from, patience);
    REQUIRE(opened);
    return std::move(*opened);
  }

  /// Sends `values` to one partition and waits for the acknowledgements.
  void send(const std::string& topic, std::int32_t partition,
            const std::vector<std::string>& values) const {
    auto to = writer(topic);
    for (const auto& value : values) REQUIRE(to.send({.value = value, .partition = partition}));
    REQUIRE(to.flush(patience));
    REQUIRE(to.delivered() == values.size());
  }

private:
  static embedded_broker started(int brokers) {
    auto broker = embedded_broker::start(brokers);
    REQUIRE(broker);
    return std::move(*broker);
  }
};

/// What became of the `sent` records, in the order that librdkafka told.
inline std::vector<delivery> await_deliveries(delivery_client& client, std::size_t sent) {
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = true;  // Deliveries may have come before the wake function.
  client.wake_with([&] {
    const std::lock_guard lock{mutex};
    woken = true;
    changed.notify_one();
  });
  std::vector<delivery> found;
  std::unique_lock lock{mutex};
  while (found.size() < sent && changed.wait_for(lock, patience, [&] { return woken; })) {
    woken = false;
    lock.unlock();
    while (client.poll(found)) {
    }
    lock.lock();
  }
  lock.unlock();
  client.wake_with(nullptr);
  return found;
}

/// Reads until there are `count`, or nothing comes for as long as `patience`.
inline std::vector<kept_record> read_records(topic_reader& reader, std::size_t count) {
  std::vector<kept_record> records;
  while (records.size() < count) {
    const auto read =
        reader.read(patience, [&](const topic_record& r) { records.push_back(kept(r)); });
    if (read == 0) break;
  }
  return records;
}

}  // namespace turnstile::kafka_io::testing
