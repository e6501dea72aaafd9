#include "kafka_io/worker/rd_shared_fetch.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <numeric>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;

constexpr std::int32_t partitions = 3;
constexpr std::size_t credit_records = 100;
constexpr std::size_t value_bytes = 10;

// A reader of all partitions that is told of everything by wake-ups.
struct shared_fetch_fixture : broker_fixture {
  const std::string topic = settings.topics.input;
  shared_client client;
  std::shared_ptr<rd_shared_fetch> fetch;
  struct partition_reader {
    std::shared_ptr<partition_source> source;
    std::vector<std::int64_t> offsets;  ///< Read.
    std::vector<std::size_t> batches;   ///< Not finished, by their records.

    [[nodiscard]] std::size_t unfinished() const {
      return std::accumulate(batches.begin(), batches.end(), std::size_t{0});
    }
  };
  std::map<std::int32_t, partition_reader> readers;

  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;

  std::size_t batch_records = 10;

  explicit shared_fetch_fixture(in_flight most = {credit_records, 100'000'000}) {
    create(topic, partitions);
    client = make_consumer();
    fetch = std::make_shared<rd_shared_fetch>(client, topic, most);
    fetch->wake_with([this] {
      const std::lock_guard lock{mutex};
      woken = true;
      changed.notify_one();
    });
  }
  ~shared_fetch_fixture() { fetch->wake_with(nullptr); }

  [[nodiscard]] shared_client make_consumer() const {
    auto conf = consumer_config(settings, divide_budget(256, partitions, {}).prefetch);
    REQUIRE(conf);
    auto made = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
    REQUIRE(made);
    return std::move(*made);
  }

  void assign(std::int64_t offset = 0) {
    const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(partitions)};
    for (std::int32_t p = 0; p < partitions; ++p) {
      readers[p].source = fetch->open(p);
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = offset;
    }
    REQUIRE(rd_kafka_assign(client.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void unassign() {
    readers.clear();
    // The first is answered before fetching has ended, which takes forwarding away: queues opened
    // earlier would lose theirs. The second comes after that, as a group's next assignment does.
    for (int n = 0; n < 2; ++n)
      REQUIRE(rd_kafka_assign(client.get(), nullptr) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  void read(std::int32_t partition) {
    auto& reader = readers.at(partition);
    core::record_batch batch;
    while (reader.source->read(batch, batch_records) > 0) {
      for (const auto& input : batch.inputs) reader.offsets.push_back(input.offset);
      reader.batches.push_back(batch.inputs.size());
      batch = {};
    }
  }
  void finish(std::int32_t partition) {
    auto& reader = readers.at(partition);
    for (const auto records : std::exchange(reader.batches, {}))
      reader.source->finished(records, records * value_bytes);
  }

  /// Deals at each wake-up, and now and then, as the group_consumer does; reads all partitions, and
  /// finishes what is read of those that `finishes` names. False: not within `patience`.
  bool serve_until(const std::function<bool()>& holds, const std::vector<std::int32_t>& finishes) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      fetch->deal();
      for (std::int32_t p = 0; p < partitions; ++p) read(p);
      for (const auto p : finishes) finish(p);
      std::unique_lock lock{mutex};
      changed.wait_for(lock, std::chrono::milliseconds(100), [this] { return woken; });
      woken = false;
    }
    return true;
  }

  /// What librdkafka gives in place of a batch that cannot be parsed. Lives as long as `from`.
  rd_kafka_message_t* damaged_message(const shared_client& from) {
    const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 1)->offset = 0;
    REQUIRE(rd_kafka_assign(from.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
    auto* message = rd_kafka_consumer_poll(from.get(), static_cast<int>(patience.count()));
    REQUIRE(message != nullptr);
    message->err = RD_KAFKA_RESP_ERR__BAD_MSG;
    return message;
  }

  std::size_t read_of(std::int32_t partition) { return readers.at(partition).offsets.size(); }
  std::size_t unfinished() {
    return readers.at(0).unfinished() + readers.at(1).unfinished() + readers.at(2).unfinished();
  }
};

std::vector<std::string> values(std::size_t count) {
  return std::vector<std::string>(count, std::string(value_bytes, 'x'));
}

std::vector<std::int64_t> offsets_up_to(std::size_t count) {
  std::vector<std::int64_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST_CASE_FIXTURE(shared_fetch_fixture, "each partition's records reach its source in order") {
  for (std::int32_t p = 0; p < partitions; ++p) send(topic, p, values(150));
  assign();
  REQUIRE(serve_until([&] { return read_of(0) + read_of(1) + read_of(2) >= 450; }, {0, 1, 2}));
  for (const auto& [p, reader] : readers) CHECK(reader.offsets == offsets_up_to(150));
  CHECK(readers.at(0).source->high_watermark() == 150);
}

TEST_CASE_FIXTURE(shared_fetch_fixture, "a source is woken when something was dealt to it") {
  assign();
  int wakes = 0;
  readers.at(1).source->wake_with([&] { ++wakes; });
  send(topic, 1, values(1));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (wakes == 0 && std::chrono::steady_clock::now() < deadline) {
    fetch->deal();
    std::unique_lock lock{mutex};
    changed.wait_for(lock, std::chrono::milliseconds(100), [this] { return woken; });
    woken = false;
  }
  CHECK(wakes == 1);
  readers.at(1).source->wake_if_readable();
  CHECK(wakes == 2);
  read(1);
  readers.at(1).source->wake_if_readable();
  CHECK(wakes == 2);
}

TEST_CASE_FIXTURE(shared_fetch_fixture,
                  "no more is dealt than credit allows until some is finished") {
  for (const std::int32_t p : {0, 1}) send(topic, p, values(150));
  assign();
  REQUIRE(serve_until([&] { return unfinished() >= credit_records; }, {}));
  fetch->deal();
  read(0);
  read(1);
  // On a slow machine both are stuck by now.
  CHECK(unfinished() <= 3 * credit_records / 2);
  woken = false;
  finish(0);
  finish(1);
  CHECK(woken);
  REQUIRE(serve_until([&] { return read_of(0) + read_of(1) == 300; }, {0, 1}));
}

struct few_bytes_fixture : shared_fetch_fixture {
  static constexpr std::size_t batches = 8;
  static constexpr std::size_t batch_bytes =
      value_bytes + record_overhead_bytes + batch_overhead_bytes;
  few_bytes_fixture() : shared_fetch_fixture({1000, batches * batch_bytes}) {}
};

TEST_CASE_FIXTURE(few_bytes_fixture,
                  "what batches cost counts against the credit, until finished") {
  batch_records = 1;
  // Twice as many, as the records alone fit: even if some are set aside, there is no room left.
  send(topic, 0, values(2 * batches));
  assign();
  REQUIRE(serve_until([&] { return read_of(0) >= batches; }, {}));
  woken = false;
  fetch->deal();
  finish(0);
  CHECK(woken);
  REQUIRE(serve_until([&] { return read_of(0) == 2 * batches; }, {0}));
  send(topic, 1, values(60));
  REQUIRE(serve_until([&] { return read_of(1) == 60; }, {1}));
}

TEST_CASE_FIXTURE(shared_fetch_fixture,
                  "a partition that finishes nothing does not hold up others, and goes on later") {
  for (const std::int32_t p : {0, 1}) send(topic, p, values(400));
  assign();
  REQUIRE(serve_until([&] { return read_of(1) == 400; }, {1}));
  CHECK(readers.at(0).unfinished() >= credit_records);
  CHECK(read_of(0) <= 3 * credit_records / 2);
  REQUIRE(serve_until([&] { return read_of(0) == 400; }, {0, 1}));
  for (const std::int32_t p : {0, 1}) CHECK(readers.at(p).offsets == offsets_up_to(400));
}

TEST_CASE_FIXTURE(shared_fetch_fixture, "a partition that comes back is no longer paused") {
  for (const std::int32_t p : {0, 1}) send(topic, p, values(400));
  assign();
  REQUIRE(serve_until([&] { return read_of(1) == 400; }, {1}));
  REQUIRE(read_of(0) < 400);
  unassign();
  assign();
  REQUIRE(serve_until([&] { return read_of(0) == 400 && read_of(1) == 400; }, {0, 1}));
  for (const std::int32_t p : {0, 1}) CHECK(readers.at(p).offsets == offsets_up_to(400));
}

TEST_CASE_FIXTURE(
    shared_fetch_fixture,
    "behind a damaged batch nothing is given, nor credit kept, until it is read again") {
  send(topic, 1, values(30));
  const shared_client other = make_consumer();
  auto* const damaged = damaged_message(other);
  assign();
  REQUIRE(serve_until([&] { return read_of(1) == 30; }, {1}));
  auto& source = dynamic_cast<dealt_source&>(*readers.at(1).source);
  source.put({&damaged, 1});
  read(1);
  CHECK(source.lost());
  CHECK(source.take_errors().size() == 1);
  for (const std::int32_t p : {1, 0}) send(topic, p, values(2 * credit_records));
  REQUIRE(serve_until([&] { return read_of(0) == 2 * credit_records; }, {0}));
  CHECK(read_of(1) == 30);
  source.read_again(30);
  CHECK(!source.lost());
  REQUIRE(serve_until([&] { return read_of(1) == 30 + 2 * credit_records; }, {1}));
  CHECK(readers.at(1).offsets == offsets_up_to(30 + 2 * credit_records));
}

}  // namespace
}  // namespace turnstile::kafka_io
