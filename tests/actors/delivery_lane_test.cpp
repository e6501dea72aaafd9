#include "actors/delivery/delivery_lane.hpp"

#include "tests/actors/lane_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;
using actors::lane_phase;
using core::output_topic;
using seqs = std::vector<std::uint64_t>;

TEST_CASE_FIXTURE(lane_fixture, "batches that arrive out of sequence are sent in sequence") {
  add(batch(2, 20, 10));
  add(batch(1, 10, 10));
  send();
  CHECK(broker->sent.empty());
  add(batch(0, 0, 10));
  send();
  const auto order = broker->offsets_sent();
  REQUIRE(order.size() == 30);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE_FIXTURE(lane_fixture, "a batch goes topic by topic, each in the order of its inputs") {
  auto mixed = batch(0, 0, 5);
  redirect(*mixed, 0, output_topic::errors);
  redirect(*mixed, 1, output_topic::cleaned);
  redirect(*mixed, 3, output_topic::errors);
  add(mixed);
  add(batch(1, 5, 1));
  send();
  CHECK(broker->offsets_sent() == offsets{2, 4, 0, 3, 1, 5});
}

TEST_CASE_FIXTURE(lane_fixture, "a batch is finished when each of its records was delivered") {
  add(batch(0, 0, 3));
  send();
  broker->deliver(0);
  broker->deliver(2);
  take_deliveries();
  CHECK(finished().empty());
  CHECK(held.get() == 1);
  broker->deliver(1);
  take_deliveries();
  CHECK(finished() == seqs{0});
  CHECK(held.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "a batch without records is finished in its turn") {
  add(batch(0, 0, 1));
  add(batch(1, 1, 0));
  add(batch(2, 1, 1));
  send();
  CHECK(finished().empty());
  broker->deliver(0);
  take_deliveries();
  CHECK(finished() == seqs{0, 1});
  deliver_all();
  CHECK(finished() == seqs{2});
}

TEST_CASE_FIXTURE(lane_fixture, "batches finish in sequence only") {
  add(batch(0, 0, 2));
  add(batch(1, 2, 2));
  send();
  broker->deliver(2);
  broker->deliver(3);
  take_deliveries();
  CHECK(finished().empty());
  deliver_all();
  CHECK(finished() == seqs{0, 1});
}

TEST_CASE_FIXTURE(lane_fixture, "sending goes on in the next batch after finished ones are gone") {
  add(batch(0, 0, 2));
  send();
  deliver_all();
  CHECK(finished() == seqs{0});
  add(batch(1, 2, 2));
  add(batch(2, 4, 2));
  send();
  CHECK(broker->offsets_sent() == offsets{0, 1, 2, 3, 4, 5});
  deliver_all();
  CHECK(finished() == seqs{1, 2});
}

TEST_CASE_FIXTURE(lane_fixture, "after a failure nothing is sent until all under way is settled") {
  add(batch(0, 0, 3));
  send();
  broker->fail(1);
  take_deliveries();
  CHECK(lane.phase() == lane_phase::settling);
  CHECK(lane.under_way() == 2);
  add(batch(1, 3, 2));
  send();
  CHECK(broker->sent.size() == 3);
}

TEST_CASE_FIXTURE(lane_fixture, "from the first failed record on all is sent again in order") {
  add(batch(0, 0, 2));
  add(batch(1, 2, 3));
  send();
  broker->deliver(0);
  broker->fail(1);
  for (const std::int64_t offset : {2, 3, 4}) broker->deliver(offset);
  take_deliveries();
  CHECK(finished().empty());
  repeat();
  send();
  CHECK(broker->offsets_sent(5) == offsets{1, 2, 3, 4});
  deliver_all();
  CHECK(finished() == seqs{0, 1});
  CHECK(held.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "what other output partitions have got is not sent again") {
  auto mixed = batch(0, 0, 4);
  redirect(*mixed, 2, output_topic::errors);
  add(mixed);
  send();
  broker->fail(1);
  for (const std::int64_t offset : {0, 2, 3}) broker->deliver(offset);
  take_deliveries();
  repeat();
  send();
  CHECK(broker->offsets_sent(4) == offsets{1, 3});
  deliver_all();
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(lane_fixture, "an earlier batch that was delivered is finished all the same") {
  add(batch(0, 0, 2));
  add(batch(1, 2, 2));
  send();
  broker->deliver(0);
  broker->deliver(1);
  broker->fail(2);
  broker->fail(3);
  take_deliveries();
  CHECK(finished() == seqs{0});
  repeat();
  send();
  CHECK(broker->offsets_sent(4) == offsets{2, 3});
}

TEST_CASE_FIXTURE(lane_fixture, "a failure while sending again starts over from the first one") {
  add(batch(0, 0, 4));
  send();
  fail_all();
  repeat();
  send();
  broker->deliver(0);
  broker->fail(1);
  broker->deliver(2);
  broker->fail(3);
  take_deliveries();
  repeat();
  send();
  CHECK(broker->offsets_sent(8) == offsets{1, 2, 3});
}

TEST_CASE_FIXTURE(lane_fixture, "the pause doubles up to its maximum") {
  add(batch(0, 0, 1));
  std::vector<milliseconds> pauses;
  for (int i = 0; i < 4; ++i) {
    send();
    fail_all();
    lane.plan_repetition(now);
    CHECK(lane.phase() == lane_phase::pausing);
    pauses.push_back(std::chrono::duration_cast<milliseconds>(lane.pause_ends() - now));
    lane.resume(lane.pause_ends() - milliseconds{1});
    CHECK(lane.phase() == lane_phase::pausing);
    now = lane.pause_ends();
    lane.resume(now);
  }
  CHECK(lane.attempts() == 4);
  using ms = milliseconds;
  CHECK(pauses == std::vector<milliseconds>{ms{100}, ms{200}, ms{400}, ms{400}});
}

TEST_CASE_FIXTURE(lane_fixture, "a delivery resets the pause") {
  add(batch(0, 0, 2));
  for (int i = 0; i < 3; ++i) {
    send();
    fail_all();
    repeat();
  }
  send();
  broker->deliver(0);
  broker->fail(1);
  take_deliveries();
  lane.plan_repetition(now);
  CHECK(lane.pause_ends() - now == milliseconds{100});
}

TEST_CASE_FIXTURE(lane_fixture, "a record that cannot be handed over is tried again later") {
  broker->on_send = [](const core::output_record& record) {
    using result = kafka_io::send_result;
    return record.source_offset == 1 ? std::optional{result{kafka_io::send_status::failed, -195}}
                                     : std::nullopt;
  };
  add(batch(0, 0, 3));
  send();
  CHECK(broker->offsets_sent() == offsets{0});
  deliver_all();
  broker->on_send = nullptr;
  repeat();
  send();
  CHECK(broker->offsets_sent(1) == offsets{1, 2});
}

TEST_CASE_FIXTURE(lane_fixture, "a full queue stops sending until there is room") {
  broker->queue_max = 2;
  add(batch(0, 0, 5));
  const auto report = send();
  CHECK(report.sent == 2);
  CHECK(report.waits);
  CHECK(lane.phase() == lane_phase::streaming);
  deliver_all();
  CHECK(send().sent == 2);
  deliver_all();
  const auto last = send();
  CHECK(last.sent == 1);
  CHECK_FALSE(last.waits);
  CHECK(broker->offsets_sent() == offsets{0, 1, 2, 3, 4});
}

TEST_CASE_FIXTURE(lane_fixture,
                  "a closed lane sends nothing and only waits for what is under way") {
  add(batch(0, 0, 2));
  send();
  lane.close();
  CHECK(held.get() == 0);
  add(batch(1, 2, 2));
  CHECK(send().sent == 0);
  CHECK(lane.under_way() == 2);
  broker->deliver(0);
  broker->fail(1);
  take_deliveries();
  CHECK(lane.under_way() == 0);
  CHECK(finished().empty());
  CHECK(held.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "a closed lane counts no more what arrived too early") {
  add(batch(1, 2, 2));
  CHECK(held.get() == 2);
  lane.close();
  CHECK(held.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "what is delivered at the first attempt is no possible repeat") {
  add(batch(0, 0, 3));
  send();
  deliver_all();
  CHECK(possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "each delivery of what may be there already is a possible repeat") {
  add(batch(0, 0, 3));
  send();
  broker->deliver(0);
  broker->fail(1);
  broker->deliver(2);
  take_deliveries();
  CHECK(possible_repeats.get() == 0);
  repeat();
  send();  // 1 again, whose failure may have been that of the answer, and 2, which was written.
  fail_all();
  CHECK(possible_repeats.get() == 2);
  repeat();
  send();
  deliver_all();
  CHECK(possible_repeats.get() == 4);
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(lane_fixture, "what was refused and goes again is no possible repeat") {
  add(batch(0, 0, 2));
  send();
  refuse_all();
  lane.plan_repetition(now);
  send();
  deliver_all();
  send();
  deliver_all();
  CHECK(finished() == seqs{0});
  CHECK(possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "what is under way when another delivery failed may be repeated") {
  add(batch(0, 0, 2));
  send();
  lane.doubt_under_way();
  deliver_all();
  CHECK(possible_repeats.get() == 2);
}

TEST_CASE_FIXTURE(lane_fixture, "what an abort took back was not written") {
  add(batch(0, 0, 2));
  send();
  deliver_all();
  lane.restart();
  send();
  deliver_all();
  CHECK(possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(lane_fixture, "after a pause records go by a layout with fewer partitions") {
  add(batch(0, 0, 2));
  send();
  fail_all();
  lane.plan_repetition(now);
  lane.go_by(layout_of(2));
  now = lane.pause_ends();
  lane.resume(now);
  add(batch(1, 2, 1));
  send();
  CHECK(broker->offsets_sent(2) == offsets{0, 1, 2});
  for (std::size_t n = 2; n < broker->sent.size(); ++n) CHECK(broker->sent[n].partition == 1);
  deliver_all();
  CHECK(finished() == seqs{0, 1});
}

TEST_CASE_FIXTURE(lane_fixture, "a layout with more partitions waits for the next assignment") {
  auto few = batch(0, 0, 1);
  few->layout = layout_of(2);
  add(few);
  lane.go_by(layout_of(64));
  send();
  CHECK(broker->sent.front().partition == 1);
}

TEST_CASE_FIXTURE(lane_fixture, "a later batch may be the one with too many partitions") {
  auto few = batch(0, 0, 1);
  few->layout = layout_of(2);
  add(few);
  add(batch(1, 1, 1));
  lane.go_by(layout_of(2));
  send();
  CHECK(broker->sent.back().partition == 1);
}
