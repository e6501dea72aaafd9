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
