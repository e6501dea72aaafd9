// What the producers say of deliveries that fail, and how they go on after requests that were too
// large.
#include "tests/actors/producer_fixture.hpp"
#include "tests/actors/transaction_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;
using fixture = producer_fixture;
using dones = fixture::dones;
using offsets = std::vector<std::int64_t>;

TEST_CASE_FIXTURE(fixture, "the log says what stands still, and when it goes on") {
  log_capture log;
  give({3, 1}, 0, 0, 1);
  for (int i = 0; i < 10; ++i) {
    broker->answer(0, kafka_io::delivery_status::failed, 29);
    run();
    advance(milliseconds{1000});
  }
  const auto told = log.with({"delivery failed", "partition=3", "topic=processed-topic"});
  CHECK(told.size() >= 3);
  CHECK(told.size() <= 5);  // Each after twice as long.
  CHECK(log.with({"delivery failed", "WRITE", "stands_s=0.0"}).size() == 1);
  CHECK(log.with({"the partition goes on"}).empty());
  deliver_all();
  CHECK(log.with({"the partition goes on", "partition=3", "topic=processed-topic"}).size() == 1);
  CHECK(broker->kinds == std::vector{kafka_io::sending::in_stream, kafka_io::sending::carefully});
}

TEST_CASE_FIXTURE(fixture,
                  "a standstill of a partition that is given back has its end in the log") {
  log_capture log;
  give({3, 1}, 0, 0, 1);
  broker->fail(0);
  run();
  send(producer, close_lane{{3, 1}});
  CHECK(log.with({"the partition was given back while it waited", "partition=3"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "after requests that were too large a new client waits for the limits") {
  log_capture log;
  give({3, 1}, 0, 0, 2);
  broker->fatal = kafka_io::io_error{code_of(error_kind::message_too_large), "too large", false};
  broker->deliver_all(kafka_io::delivery_status::unwritten, code_of(error_kind::message_too_large));
  run();
  advance(milliseconds{500});
  CHECK(broker->clients == 1);
  REQUIRE(lookup->questions.size() == 1);
  lookup->answer();
  advance(milliseconds{50});
  CHECK(broker->clients == 2);
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  CHECK(log.with({"delivery failed"}).empty());
  deliver_all();
  CHECK(done() == dones{{3, 0}});
  // Where nobody answers it waits no longer than a second.
  advance(milliseconds{5000});
  give({3, 1}, 1, 2, 1);
  broker->fatal = kafka_io::io_error{code_of(error_kind::message_too_large), "too large", false};
  broker->deliver_all(kafka_io::delivery_status::unwritten, code_of(error_kind::message_too_large));
  run();
  advance(milliseconds{1100});
  CHECK(broker->clients == 3);
  CHECK(figures->possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(transaction_fixture,
                  "what only follows from another failure is told by librdkafka's reason") {
  coordinator->abort_reason = "Topic authorization failed";
  give({3, 1}, 0, 0, 2);
  for (int time = 0; time < 3; ++time) {
    REQUIRE(broker->answer(0, kafka_io::delivery_status::failed, -152));
    run();
    advance(milliseconds{2000});
  }
  const auto told = log.with({"transaction aborted", "error=Topic authorization failed"});
  CHECK(told.size() == 3);
  CHECK(log.with({"transaction aborted", "stands_s=4.0"}).size() == 1);
  CHECK(log.with({"transactions are committed again"}).empty());
  deliver_all();
  advance(milliseconds{100});
  CHECK(log.with({"transactions are committed again"}).size() == 1);
}

TEST_CASE_FIXTURE(transaction_fixture, "requests that are too large cost a client and no error") {
  give({3, 1}, 0, 0, 2);
  broker->fatal = kafka_io::io_error{code_of(error_kind::message_too_large), "too large", false};
  broker->deliver_all(kafka_io::delivery_status::unwritten, code_of(error_kind::message_too_large));
  run();
  advance(milliseconds{200});
  CHECK(figures->rebuilds.get() == 1);
  CHECK(log.with({"producer failed"}).empty());
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  deliver_all();
  advance(milliseconds{100});
  CHECK(done() == dones{{3, 0}});
}

TEST_CASE_FIXTURE(transaction_fixture,
                  "a client that its user's rights break is told with the right that is missing") {
  give({3, 1}, 0, 0, 1);
  broker->fatal = kafka_io::io_error{53, "Transactional Id authorization failed", false};
  broker->deliver_all(kafka_io::delivery_status::failed, 53);
  run();
  advance(milliseconds{200});
  CHECK(
      log.with({"producer failed and is replaced", "transactional ids (WRITE, DESCRIBE)"}).size() ==
      1);
}
