#include "tests/actors/partition_fixture.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

using fixture = partition_fixture;

TEST_CASE_FIXTURE(fixture, "nothing is read on while the oldest batch is in flight for too long") {
  in_flight_age_max = std::chrono::milliseconds(500);
  start();
  source->push(10);
  run();
  advance(std::chrono::milliseconds(500));
  source->push(10);
  run();
  CHECK(records_read() == 20);
  advance(std::chrono::milliseconds(1));
  source->push(10);
  run();
  CHECK(records_read() == 20);
  finish(0);
  run();
  CHECK(records_read() == 30);
}

TEST_CASE_FIXTURE(fixture, "records are read into batches of at most the configured size") {
  start();
  source->push(250);
  run();
  REQUIRE(batches_read() == 3);
  CHECK(batch_numbered(0)->inputs.size() == 100);
  CHECK(batch_numbered(2)->inputs.size() == 50);
  CHECK(batch_numbered(1)->first_offset == 100);
  CHECK(batch_numbered(1)->next_offset == 200);
  CHECK(batch_numbered(1)->source == core::partition_epoch{3, 7});
  CHECK(figures->records.get() == 250);
  CHECK(figures->in_flight.get() == 250);
}

TEST_CASE_FIXTURE(fixture, "where each batch ended is reported when it comes back") {
  start();
  source->push(300);
  run();
  CHECK(reported() == -1);
  for (const std::uint64_t seq : {0U, 1U, 2U}) {
    finish(seq);
    CHECK(reported() == static_cast<std::int64_t>(seq + 1) * 100);
  }
}

TEST_CASE_FIXTURE(fixture, "the source hears of what is finished") {
  start();
  source->push(150, 20);
  run();
  finish(0);
  CHECK(source->finished_records == 100);
  CHECK(source->finished_bytes == 100 * 20);
  finish(1);
  CHECK(source->finished_records == 150);
}

TEST_CASE_FIXTURE(fixture, "offsets that the log skips are covered by the batch behind them") {
  start();
  source->push(100);
  run();
  source->next_offset = 500;
  source->push(100);
  run();
  CHECK(batch_numbered(1)->first_offset == 100);
  CHECK(batch_numbered(1)->next_offset == 600);
  CHECK(figures->position.get() == 600);
}

TEST_CASE_FIXTURE(fixture, "a log that was cut back is read from where it begins anew") {
  start();
  source->push(100);
  run();
  source->next_offset = 40;
  source->push(10);
  run();
  CHECK(batch_numbered(1)->first_offset == 40);
  CHECK(batch_numbered(1)->next_offset == 50);
}

TEST_CASE_FIXTURE(fixture, "a batch of another epoch changes nothing") {
  start();
  source->push(100);
  run();
  auto stale = batch_of({3, 6}, 0, 0, 100);
  send(consumer, batch_done{stale});
  CHECK(reported() == -1);
  CHECK(summary.count<finished_batch>() == 0);
  CHECK(figures->in_flight.get() == 100);
}

TEST_CASE_FIXTURE(fixture, "finished batches reach the summary in the order of their offsets") {
  start();
  source->push(300);
  run();
  CHECK(summary.count<finished_batch>() == 0);
  for (const std::uint64_t seq : {0U, 1U, 2U}) finish(seq);
  REQUIRE(summary.count<finished_batch>() == 3);
  for (std::uint64_t seq = 0; seq < 3; ++seq)
    CHECK(summary.got<finished_batch>()[seq].batch->seq == seq);
}

TEST_CASE_FIXTURE(fixture, "batches are dealt out to the transformers in turn") {
  auto other = spawn_probe<raw_batch>();
  actors::partition_consumer_args args;
  args.versions = versions;
  args.source = {0, 1};
  args.records = source;
  args.lookup = lookup;
  args.figures = figures;
  args.transformers = {transformer.actor(), other.actor()};
  args.summary = summary.actor();
  args.group = group.actor();
  args.credit = {1000, 1'000'000};
  args.batch_records_max = 100;
  consumer = spawn(actors::partition_consumer, std::move(args));
  source->push(400);
  run();
  CHECK(batches_read() == 2);
  CHECK(other.count<raw_batch>() == 2);
}

TEST_CASE_FIXTURE(fixture, "records that were there before the wake function are read") {
  source->push(10);
  start();
  CHECK(records_read() == 10);
}

TEST_CASE_FIXTURE(fixture, "a wake without records reads nothing and breaks nothing") {
  start();
  source->wake();
  run();
  CHECK(batches_read() == 0);
  source->push(10);
  run();
  CHECK(records_read() == 10);
}

TEST_CASE_FIXTURE(fixture, "a lost wake is made good by looking at the queue") {
  start();
  source->loses_wakes = true;
  source->push(10);
  run();
  CHECK(batches_read() == 0);
  source->wake_if_readable();
  run();
  CHECK(records_read() == 10);
}

TEST_CASE_FIXTURE(fixture, "more than one turn's worth is read without another wake") {
  start({100'000, 100'000'000}, 10);
  source->push(1000);
  run();
  CHECK(records_read() == 1000);
}

TEST_CASE_FIXTURE(fixture, "reading stops at the credit in records") {
  start({200, 10'000'000});
  source->push(500);
  run();
  CHECK(records_read() == 200);
  CHECK(source->waiting() == 300);
  CHECK(figures->blocked.get() > 0);
}

TEST_CASE_FIXTURE(fixture, "reading stops at the credit in bytes") {
  start({100'000, 1'000'000}, 100);
  source->push(1000, 9'488);  // 10,000 each with its overhead.
  run();
  CHECK(records_read() >= 50);
  CHECK(records_read() <= 200);  // The first batch is read before the size is known.
  std::size_t bytes = 0;
  for (const auto& raw : transformer.got<raw_batch>()) bytes += raw.batch->credit_bytes;
  CHECK(bytes >= 1'000'000);
  CHECK(bytes < 2'000'000);
}

TEST_CASE_FIXTURE(fixture, "a batch that comes back lets reading go on") {
  start({200, 10'000'000});
  source->push(500);
  run();
  finish(0);
  CHECK(records_read() == 300);
  finish(1);
  finish(2);
  CHECK(records_read() == 500);
}

TEST_CASE_FIXTURE(fixture, "a record larger than the whole credit still goes, alone") {
  start({1000, 5'000}, 100);
  source->push(1, 100'000);
  run();
  CHECK(records_read() == 1);
  source->push(1, 100'000);
  run();
  CHECK(records_read() == 1);
  finish(0);
  CHECK(records_read() == 2);
}

TEST_CASE_FIXTURE(fixture, "a small credit is used although something is in flight") {
  start({20, 10'000'000});
  source->push(5);
  run();
  source->push(5);
  run();
  CHECK(records_read() == 10);
}

TEST_CASE_FIXTURE(fixture, "leftovers of credit make no small batches") {
  start({110, 10'000'000});
  source->push(500);
  run();
  CHECK(records_read() == 100);
}

TEST_CASE_FIXTURE(fixture, "new credit takes effect at once") {
  start({100, 10'000'000});
  source->push(500);
  run();
  CHECK(records_read() == 100);
  send(consumer, set_credit{300, 10'000'000});
  CHECK(records_read() == 300);
}

TEST_CASE_FIXTURE(fixture, "credit below what is in flight stops reading until enough came back") {
  start({400, 10'000'000});
  source->push(1000);
  run();
  CHECK(records_read() == 400);
  send(consumer, set_credit{100, 10'000'000});
  for (const std::uint64_t seq : {0U, 1U, 2U}) finish(seq);
  CHECK(records_read() == 400);
  finish(3);
  CHECK(records_read() == 500);
}

TEST_CASE_FIXTURE(fixture, "starving is said when the queue is dry with lag, and taken back") {
  start();
  source->high = 1000;
  source->push(100);
  run();
  CHECK(lookup->starving == std::set<std::int32_t>{3});
  source->push(10);
  source->high = 110;
  run();
  CHECK(lookup->starving.empty());
}

TEST_CASE_FIXTURE(fixture, "an error of the partition is logged with its coordinates") {
  log_capture log;
  start();
  source->errors.push_back({1, "offset out of range", false});
  source->wake();
  run();
  CHECK(log.with({"partition cannot be read", "partition=3", "offset out of range"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "nothing is read while draining") {
  start();
  source->push(100);
  run();
  send(consumer, start_drain{});
  source->push(100);
  run();
  send(consumer, set_credit{5000, 10'000'000});
  finish(0);
  CHECK(records_read() == 100);
  CHECK(source->waiting() == 100);
}

TEST_CASE_FIXTURE(fixture, "drained is said once, when the last batch came back") {
  start();
  source->push(200);
  run();
  send(consumer, start_drain{});
  finish(0);
  CHECK(group.count<drained>() == 0);
  finish(1);
  REQUIRE(group.count<drained>() == 1);
  CHECK(reported() == 200);
  send(consumer, start_drain{});
  source->wake();
  run();
  CHECK(group.count<drained>() == 1);
}

TEST_CASE_FIXTURE(fixture, "a partition with nothing in flight is drained at once") {
  start();
  send(consumer, start_drain{});
  REQUIRE(group.count<drained>() == 1);
  CHECK(group.got<drained>()[0].source == core::partition_epoch{3, 7});
}

TEST_CASE_FIXTURE(fixture, "ending takes the wake function and the starving back") {
  start();
  source->high = 1000;
  source->push(1);
  run();
  CHECK(source->has_wake());
  end(consumer);
  run();
  CHECK_FALSE(source->has_wake());
  CHECK(lookup->starving.empty());
}

TEST_CASE_FIXTURE(fixture, "whoever waits for the end finds the queue let go") {
  start();
  bool had_wake = true;
  call_when_ended(consumer, [&] { had_wake = source->has_wake(); });
  end(consumer);
  run();
  CHECK_FALSE(had_wake);
}
