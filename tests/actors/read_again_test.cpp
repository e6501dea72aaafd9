// What a partition_consumer does where a batch of its partition cannot be read.
#include "tests/actors/partition_fixture.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

using fixture = partition_fixture;

TEST_CASE_FIXTURE(fixture,
                  "a batch that cannot be read is read again after a pause, from where it begins") {
  log_capture log;
  start();
  source->push(10);
  run();
  source->errors.push_back({1, "bad message", false});
  source->is_lost = true;
  source->high = 15;
  source->push(5);
  run();
  CHECK(records_read() == 10);
  CHECK(lookup->starving.empty());
  CHECK(source->read_again_from.empty());
  for (int n = 0; n < 3; ++n) source->wake();
  advance(std::chrono::milliseconds(4999));
  CHECK(source->read_again_from.empty());
  advance(std::chrono::milliseconds(1));
  CHECK(source->read_again_from == std::vector<std::int64_t>{10});
  CHECK(log.with({"partition is read again", "partition=3", "from=10"}).size() == 1);
  source->wake();
  run();
  CHECK(records_read() == 15);
}

TEST_CASE_FIXTURE(fixture,
                  "a first batch that cannot be read is read again from what is committed") {
  begin = 42;
  start();
  source->is_lost = true;
  source->wake();
  run();
  advance(std::chrono::seconds(5));
  CHECK(source->read_again_from == std::vector<std::int64_t>{42});
}

TEST_CASE_FIXTURE(fixture, "what comes from before is not read twice, but asked for again") {
  start();
  source->push(10);
  run();
  source->is_lost = true;
  source->wake();
  run();
  advance(std::chrono::seconds(5));
  source->next_offset = 0;
  source->push(10);
  run();
  CHECK(records_read() == 10);
  CHECK(source->finished_records == 10);
  advance(std::chrono::seconds(5));
  CHECK(source->read_again_from == std::vector<std::int64_t>{10, 10});
  source->push(5);
  run();
  CHECK(records_read() == 15);
}

TEST_CASE_FIXTURE(fixture, "nothing is read again while draining") {
  start();
  source->is_lost = true;
  source->wake();
  run();
  send(consumer, start_drain{});
  advance(std::chrono::seconds(5));
  CHECK(source->read_again_from.empty());
}

TEST_CASE_FIXTURE(fixture, "a log that ends before what could not be read is read as it is now") {
  start();
  source->push(10);
  run();
  source->is_lost = true;
  source->high = 10;
  source->wake();
  run();
  source->next_offset = 0;
  source->push(5);
  source->high = 5;
  advance(std::chrono::seconds(5));
  CHECK(source->read_again_from == std::vector<std::int64_t>{10});
  CHECK(records_read() == 15);
}

namespace {

/// The second ten of thirty offsets cannot be read, and may be skipped.
struct skipping_fixture : partition_fixture {
  std::vector<std::int64_t> asked;
  std::optional<kafka_io::unreadable_batch> found = kafka_io::unreadable_batch{10, 20, "damaged"};

  skipping_fixture() {
    survey = [this](std::int32_t, std::int64_t offset, auto answer) {
      asked.push_back(offset);
      answer(found);
    };
  }

  void lose() {
    source->is_lost = true;
    source->wake();
    run();
  }
  void lose_second_ten() {
    source->push(10);
    run();
    lose();
  }
  /// As often as it takes to skip a batch.
  void pause_twice() {
    for (int n = 0; n < 2; ++n) advance(std::chrono::seconds(5));
  }
  /// The offsets of batch `seq`, which could not be read.
  std::vector<std::int64_t> skipped_in(std::uint64_t seq) {
    const auto batch = batch_numbered(seq);
    CHECK(!batch->unreadable.empty());
    std::vector<std::int64_t> offsets;
    for (const auto& in : batch->inputs) offsets.push_back(in.offset);
    return offsets;
  }
};

std::vector<std::int64_t> offsets_between(std::int64_t first, std::int64_t next) {
  std::vector<std::int64_t> offsets;
  for (; first < next; ++first) offsets.push_back(first);
  return offsets;
}

}  // namespace

TEST_CASE_FIXTURE(skipping_fixture,
                  "each offset of a batch that is skipped goes on its way, and is committed") {
  log_capture log;
  start();
  lose_second_ten();
  pause_twice();
  CHECK(skipped_in(1) == offsets_between(10, 20));
  CHECK(batch_numbered(1)->unreadable == "Unreadable: offsets 10 to 19, damaged");
  CHECK(
      log.with({"batch cannot be read, its offsets become error records", "partition=3"}).size() ==
      1);
  finish(0);
  CHECK(reported() == 10);
  finish(1);
  CHECK(reported() == 20);
  // The source never gave them.
  CHECK(source->finished_records == 10);
}

TEST_CASE_FIXTURE(skipping_fixture, "a batch is skipped after the third read, and not before") {
  start();
  lose_second_ten();
  advance(std::chrono::seconds(5));
  advance(std::chrono::milliseconds(4999));
  CHECK(asked == std::vector<std::int64_t>{10});
  CHECK(batches_read() == 1);
  CHECK(source->read_again_from.empty());
  advance(std::chrono::milliseconds(1));
  CHECK(asked == std::vector<std::int64_t>{10, 10});
  CHECK(batches_read() == 2);
  CHECK(source->read_again_from == std::vector<std::int64_t>{20});
}

TEST_CASE_FIXTURE(skipping_fixture, "behind a batch that was skipped reading goes on") {
  start();
  lose_second_ten();
  pause_twice();
  source->next_offset = 20;
  source->push(10);
  run();
  CHECK(batch_numbered(2)->inputs.front().offset == 20);
  CHECK(batch_numbered(2)->unreadable.empty());
}

TEST_CASE_FIXTURE(skipping_fixture, "a batch that can be read after all is not skipped") {
  start();
  lose_second_ten();
  advance(std::chrono::seconds(5));
  found.reset();
  advance(std::chrono::seconds(5));
  CHECK(source->read_again_from == std::vector<std::int64_t>{10});
  source->push(10);
  run();
  CHECK(records_read() == 20);
  // The next one has all its reads.
  found = {20, 30, "damaged"};
  lose();
  advance(std::chrono::seconds(5));
  CHECK(batches_read() == 2);
  advance(std::chrono::seconds(5));
  CHECK(skipped_in(2) == offsets_between(20, 30));
}

TEST_CASE_FIXTURE(skipping_fixture, "a batch that is skipped takes no more than the credit") {
  start({14, 10'000'000});
  lose_second_ten();
  found = {10, 40, "damaged"};
  pause_twice();
  CHECK(batches_read() == 2);
  CHECK(skipped_in(1) == offsets_between(10, 14));
  finish(0);
  finish(1);
  CHECK(skipped_in(2) == offsets_between(14, 24));
}

TEST_CASE_FIXTURE(skipping_fixture, "a second batch is skipped only once the first is on its way") {
  start({14, 10'000'000});
  lose_second_ten();
  found = {10, 40, "damaged"};
  pause_twice();
  found = {40, 50, "damaged"};
  lose();
  for (int n = 0; n < 5; ++n) advance(std::chrono::seconds(5));
  std::uint64_t finished = 0;
  while (finished < batches_read()) finish(finished++);
  advance(std::chrono::seconds(5));
  while (finished < batches_read()) finish(finished++);
  std::vector<std::int64_t> skipped;
  for (std::uint64_t seq = 1; seq < batches_read(); ++seq) {
    const auto batch = batch_numbered(seq);
    for (const auto& out : batch->outputs) skipped.push_back(out.source_offset);
  }
  CHECK(skipped == offsets_between(10, 50));
  CHECK(asked.back() == 40);
}

TEST_CASE_FIXTURE(skipping_fixture, "nothing is skipped while draining") {
  start();
  lose_second_ten();
  advance(std::chrono::seconds(5));
  send(consumer, start_drain{});
  advance(std::chrono::seconds(10));
  CHECK(batches_read() == 1);
  CHECK(source->read_again_from.empty());
}
