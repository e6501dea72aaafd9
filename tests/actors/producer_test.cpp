#include "event/error_record.hpp"
#include "tests/actors/producer_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;
using core::partition_epoch;
using fixture = producer_fixture;
using dones = fixture::dones;
using offsets = std::vector<std::int64_t>;

TEST_CASE_FIXTURE(fixture, "a batch is answered after the delivery of each of its records") {
  give({3, 1}, 0, 0, 3);
  CHECK(broker->offsets_sent() == offsets{0, 1, 2});
  broker->deliver(0);
  broker->deliver(2);
  run();
  CHECK(done().empty());
  broker->deliver(1);
  run();
  CHECK(done() == dones{{3, 0}});
  CHECK(figures->sent.get() == 3);
  CHECK(figures->acknowledged.get() == 3);
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "batches of one partition are answered in sequence") {
  give({3, 1}, 1, 2, 2);
  give({3, 1}, 0, 0, 2);
  broker->deliver(2);
  broker->deliver(3);
  run();
  CHECK(done().empty());
  deliver_all();
  CHECK(done() == dones{{3, 0}, {3, 1}});
}

TEST_CASE_FIXTURE(fixture, "records wait for room in the queue and go on after deliveries") {
  broker->queue_max = 2;
  give({3, 1}, 0, 0, 5);
  give({5, 2}, 0, 0, 1);
  CHECK(broker->under_way() == 2);
  for (int i = 0; i < 3; ++i) deliver_all();
  CHECK(done().size() == 2);
  CHECK(broker->sent.size() == 6);
}

TEST_CASE_FIXTURE(fixture, "where room is scarce the partitions take turns") {
  broker->queue_max = 2;
  for (const std::int32_t partition : {1, 2, 3}) give({partition, 1}, 0, partition * 100, 10);
  for (int i = 0; i < 4; ++i) deliver_all();
  std::set<std::int32_t> served;
  for (const auto& record : broker->sent) served.insert(*record.input_partition);
  CHECK(served.size() == 3);
}

TEST_CASE_FIXTURE(fixture, "the acknowledgement's latency is recorded") {
  give({3, 1}, 0, 0, 10);
  advance(milliseconds{40});
  deliver_all();
  const auto p50 = core::latency_figure::quantile(figures->acknowledgement.read(), 0.5);
  CHECK(p50 >= 40'000);
  CHECK(p50 <= 50'000);
}

TEST_CASE_FIXTURE(fixture, "a failed delivery is repeated after a pause") {
  log_capture log;
  give({3, 1}, 0, 0, 2);
  broker->fail(0);
  broker->deliver(1);
  run();
  CHECK(log.with({"delivery failed", "partition=3", "error -192"}).size() == 1);
  CHECK(figures->waiting.get() == 1);
  CHECK(broker->sent.size() == 2);
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  CHECK(figures->waiting.get() == 0);
  CHECK(figures->retries.get() == 1);
  deliver_all();
  CHECK(done() == dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "the failure of one partition does not stop the others") {
  give({3, 1}, 0, 0, 2);
  give({5, 2}, 0, 100, 2);
  broker->fail(0);
  run();
  broker->deliver(100);
  broker->deliver(101);
  run();
  CHECK(done() == dones{{5, 0}});
  give({5, 2}, 1, 102, 2);
  CHECK(broker->offsets_sent(4) == offsets{102, 103});
}

TEST_CASE_FIXTURE(fixture, "a failed delivery puts in doubt what others have under way") {
  give({3, 1}, 0, 0, 1);
  give({4, 1}, 0, 0, 2);
  broker->fail(0);
  run();
  CHECK(figures->possible_repeats.get() == 0);
  deliver_all();
  CHECK(figures->possible_repeats.get() == 2);
}

TEST_CASE_FIXTURE(fixture, "a late batch of a closed epoch is dropped") {
  send(producer, close_lane{{3, 4}});
  give({3, 4}, 0, 0, 2);
  give({3, 2}, 0, 0, 2);
  CHECK(broker->sent.empty());
  give({3, 5}, 0, 0, 2);
  CHECK(broker->sent.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a delivery for a closed epoch is answered to nobody") {
  give({3, 1}, 0, 0, 2);
  send(producer, close_lane{{3, 1}});
  give({3, 2}, 0, 0, 2);
  CHECK(figures->queued.get() == 2);
  broker->deliver_all();
  run();
  REQUIRE(owner.count<batch_done>() == 1);
  CHECK(owner.take<batch_done>().batch->source == partition_epoch{3, 2});
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "closing a lane that waits takes it out of the count") {
  give({3, 1}, 0, 0, 1);
  broker->fail(0);
  run();
  CHECK(figures->waiting.get() == 1);
  send(producer, close_lane{{3, 1}});
  CHECK(figures->waiting.get() == 0);
  advance(milliseconds{500});
  CHECK(broker->sent.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a record refused alone becomes an error record") {
  give({3, 1}, 0, 0, 3);
  broker->deliver_all(kafka_io::delivery_status::refused, code_of(error_kind::message_too_large));
  run();
  broker->refuse(0);
  run();
  REQUIRE(error_router.count<refused_records>() == 1);
  auto refused = error_router.take<refused_records>();
  REQUIRE(refused.failures.size() == 1);
  CHECK(refused.failures[0].slot == 0);
  CHECK(refused.failures[0].reason == core::reason::too_large);
  CHECK(refused.failures[0].attempts == 2);
  CHECK(refused.failures[0].error_type == "Publishing error: error 10");
  event::write_error_record(*refused.batch, refused.failures[0], "w", 0);
  send(refused.reply_to, repaired_records{refused.batch});
  CHECK(figures->waiting.get() == 0);
  for (int i = 0; i < 3; ++i) deliver_all();
  CHECK(broker->offsets_sent(4, core::output_topic::errors) == offsets{0});
  CHECK(broker->offsets_sent(4, core::output_topic::processed) == offsets{1, 2});
  CHECK(done() == dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a repair that comes after the end of its epoch is dropped") {
  give({3, 1}, 0, 0, 1);
  for (int i = 0; i < 2; ++i) {
    broker->refuse(0);
    run();
  }
  auto refused = error_router.take<refused_records>();
  send(producer, close_lane{{3, 1}});
  send(refused.reply_to, repaired_records{refused.batch});
  CHECK(broker->sent.size() == 2);
  CHECK(done().empty());
}

TEST_CASE_FIXTURE(fixture, "an error topic that refuses holds its partition and says so") {
  log_capture log;
  auto batch = batch_of({3, 1}, 0, 0, 1);
  redirect(*batch, 0, core::output_topic::errors);
  give(batch);
  for (int i = 0; i < 5; ++i) {
    broker->refuse(0, 87);
    run();
    advance(milliseconds{1000});
  }
  CHECK(error_router.count<refused_records>() == 0);
  CHECK(log.with({"delivery failed", "partition=3", "error 87"}).size() >= 1);
  CHECK(done().empty());
  deliver_all();
  CHECK(done() == dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a fatal client is replaced only when nothing is under way") {
  give({3, 1}, 0, 0, 2);
  fail_client();
  give({5, 2}, 0, 100, 1);
  CHECK(broker->clients == 1);
  CHECK(broker->sent.size() == 2);
  broker->deliver(0);
  broker->fail(1);
  run();
  CHECK(broker->clients == 2);
  CHECK(figures->rebuilds.get() == 1);
  advance(milliseconds{100});
  REQUIRE(broker->sent.size() == 4);
  CHECK(broker->sent[2].client == 2);
  const auto again = broker->offsets_sent(2);
  CHECK(std::set<std::int64_t>(again.begin(), again.end()) == std::set<std::int64_t>{1, 100});
  deliver_all();
  CHECK(done().size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a fatal client that does not answer is purged after ten seconds") {
  give({3, 1}, 0, 0, 2);
  fail_client();
  advance(milliseconds{9900});
  CHECK(broker->purges == 0);
  CHECK(broker->clients == 1);
  advance(milliseconds{200});
  CHECK(broker->purges == 1);
  CHECK(broker->clients == 2);
  advance(milliseconds{200});
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  deliver_all();
  CHECK(done() == dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a fatal error that wakes nobody is found by the records it fails") {
  broker->fatal = kafka_io::io_error{-150, "fenced", false};
  give({3, 1}, 0, 0, 2);
  CHECK(broker->sent.empty());
  advance(milliseconds{400});
  CHECK(broker->clients == 2);
  CHECK(broker->offsets_sent() == offsets{0, 1});
}

TEST_CASE_FIXTURE(fixture,
                  "an end takes back the wake function, then the client, then the batches") {
  auto batch = batch_of({3, 1}, 0, 0, 2);
  const std::weak_ptr<core::record_batch> under_way = batch;
  give(std::move(batch));
  int closed = 0;
  broker->on_close = [&] {
    ++closed;
    CHECK_FALSE(broker->has_wake());
    CHECK_FALSE(under_way.expired());
  };
  end(producer);
  run();
  CHECK(closed == 1);
  CHECK(under_way.expired());
  broker->on_close = nullptr;
}

TEST_CASE_FIXTURE(fixture, "a lane that was closed while its deliveries failed waits for nothing") {
  give({3, 1}, 0, 0, 2);
  broker->fail(0);
  run();
  send(producer, close_lane{{3, 1}});
  CHECK(figures->waiting.get() == 0);
  broker->deliver(1);
  run();
  CHECK(figures->waiting.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "where deliveries fail the layout is asked for, each 5 s at most") {
  const auto fail_both = [&] {
    broker->deliver_all(kafka_io::delivery_status::failed, -190);
    run();
  };
  give({3, 1}, 0, 0, 1);
  give({5, 2}, 0, 0, 1);
  fail_both();
  CHECK(lookup->questions.size() == 1);
  for (int n = 0; n < 4; ++n) {
    advance(milliseconds{1000});
    fail_both();
  }
  CHECK(lookup->questions.size() == 1);
  advance(milliseconds{1000});
  fail_both();
  CHECK(lookup->questions.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "partitions that wait go on where a smaller topic has their records") {
  give({3, 1}, 0, 0, 1);
  give({4, 1}, 0, 10, 1);
  broker->answer(0, kafka_io::delivery_status::failed, -190);
  run();
  lookup->layout = layout_of(2);
  lookup->answer();
  give({4, 1}, 1, 11, 1);
  advance(milliseconds{100});
  CHECK(broker->offsets_sent() == offsets{0, 10, 11, 0});
  CHECK(broker->sent[2].partition == 4);
  CHECK(broker->sent[3].partition == 1);
  deliver_all();
  CHECK(done().size() == 3);
}
