// What a lane does with records that the broker refuses for their own sake.
#include "tests/actors/lane_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;
using actors::lane_phase;
using core::output_topic;
using seqs = std::vector<std::uint64_t>;

namespace {

struct fixture : lane_fixture {
  /// As a producer that sends whenever it may.
  void deliver_one_by_one(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      send();
      CHECK(broker->under_way() == 1);
      deliver_all();
    }
  }
  /// Gets the only batch to where `offset` was refused alone.
  core::batch_ptr refuse_alone(std::int64_t offset) {
    auto only = batch(0, 0, 3);
    add(only);
    send();
    refuse_all();
    repeat();
    for (std::int64_t before = 0; before < offset; ++before) deliver_one_by_one(1);
    send();
    REQUIRE(broker->refuse(offset));
    take_deliveries();
    lane.plan_repetition(now);
    REQUIRE(lane.phase() == lane_phase::repairing);
    return only;
  }
  /// Gets to where offset 0 was refused alone, and the errors of 1 and of 3, which is in the next
  /// batch, are delivered: without a key to partition 3, or 1 of two.
  core::batch_ptr refuse_before_errors(std::int32_t error_partitions) {
    auto first = batch(0, 0, 3);
    auto second = batch(1, 3, 2);
    auto layout = std::make_shared<core::topic_layout>(*first->layout);
    layout->partitions[static_cast<std::size_t>(output_topic::errors)] = error_partitions;
    first->layout = second->layout = std::move(layout);
    redirect(*first, 1, output_topic::errors);
    redirect(*second, 3, output_topic::errors);
    add(first);
    add(second);
    send();
    REQUIRE(broker->refuse(0));
    deliver_all();
    repeat();
    send();
    REQUIRE(broker->refuse(0));
    take_deliveries();
    lane.plan_repetition(now);
    REQUIRE(lane.phase() == lane_phase::repairing);
    return first;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "the records of a refused request go one by one, without a pause") {
  add(batch(0, 0, 3));
  send();
  refuse_all();
  CHECK(lane.phase() == lane_phase::settling);
  lane.plan_repetition(now);
  CHECK(lane.phase() == lane_phase::streaming);
  deliver_one_by_one(3);
  CHECK(broker->offsets_sent(3) == offsets{0, 1, 2});
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(fixture, "records behind a refused request stay behind it") {
  add(batch(0, 0, 4));
  send();
  broker->refuse(0);
  broker->refuse(1);
  broker->deliver(2);
  broker->deliver(3);
  take_deliveries();
  repeat();
  deliver_one_by_one(2);
  send();
  CHECK(broker->offsets_sent(4) == offsets{0, 1, 2, 3});
}

TEST_CASE_FIXTURE(fixture, "a record that is refused alone waits for its error record") {
  const auto only = refuse_alone(1);
  const auto refused = lane.refused();
  CHECK(refused.batch == only);
  REQUIRE(refused.slots.size() == 1);
  CHECK(refused.slots[0].index == 1);
  CHECK(refused.slots[0].attempts == 2);
  CHECK(lane.last_error().kind() == error_kind::message_too_large);
  CHECK(send().sent == 0);
}

TEST_CASE_FIXTURE(fixture, "after the repair the error record and the rest are sent") {
  const auto only = refuse_alone(1);
  redirect(*only, 1, output_topic::errors);
  lane.take_repaired();
  const auto before = broker->sent.size();
  send();
  deliver_all();
  send();
  deliver_all();
  CHECK(broker->offsets_sent(before, output_topic::errors) == offsets{1});
  CHECK(broker->offsets_sent(before, output_topic::processed) == offsets{2});
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(fixture, "a record refused at once is repaired without having been sent") {
  broker->on_send = [](const core::output_record& record) {
    const kafka_io::send_result refused{kafka_io::send_status::refused, 10};
    return record.source_offset == 1 ? std::optional{refused} : std::nullopt;
  };
  add(batch(0, 0, 3));
  send();
  CHECK(broker->offsets_sent() == offsets{0});
  deliver_all();
  lane.plan_repetition(now);
  REQUIRE(lane.phase() == lane_phase::repairing);
  REQUIRE(lane.refused().slots.size() == 1);
  CHECK(lane.refused().slots[0].index == 1);
}

TEST_CASE_FIXTURE(fixture, "a repaired record goes behind the errors of earlier inputs") {
  broker->on_send = [](const core::output_record& record) {
    const kafka_io::send_result refused{kafka_io::send_status::refused, 10};
    const bool repaired = record.topic == output_topic::errors;
    return record.source_offset == 2 && !repaired ? std::optional{refused} : std::nullopt;
  };
  auto only = batch(0, 0, 3);
  redirect(*only, 1, output_topic::errors);
  add(only);
  send();
  lane.restart();
  REQUIRE(lane.phase() == lane_phase::repairing);
  redirect(*only, 2, output_topic::errors);
  lane.take_repaired();
  send();
  CHECK(broker->offsets_sent(0, output_topic::errors) == offsets{1, 2});
}

TEST_CASE_FIXTURE(fixture, "errors of later inputs go again behind a repaired record") {
  const auto first = refuse_before_errors(64);
  redirect(*first, 0, output_topic::errors);
  lane.take_repaired();
  CHECK(held.get() == 5);
  const auto before = broker->sent.size();
  while (send().sent > 0) deliver_all();
  CHECK(broker->offsets_sent(before, output_topic::errors) == offsets{0, 1, 3});
  CHECK(broker->offsets_sent(before, output_topic::processed) == offsets{2, 4});
  CHECK(finished() == seqs{0, 1});
  CHECK(held.get() == 0);
  CHECK(possible_repeats.get() == 4);
}

TEST_CASE_FIXTURE(fixture, "errors in other output partitions than a repaired record's stay") {
  const auto first = refuse_before_errors(2);
  redirect(*first, 0, output_topic::errors);
  first->outputs[0].key = "other";
  REQUIRE(core::output_partition(*first->layout, output_topic::errors, 3, "other") == 0);
  lane.take_repaired();
  const auto before = broker->sent.size();
  while (send().sent > 0) deliver_all();
  CHECK(broker->offsets_sent(before, output_topic::errors) == offsets{0});
  CHECK(finished() == seqs{0, 1});
}

TEST_CASE_FIXTURE(fixture, "an error record whose timestamp is refused goes without it, at once") {
  const auto only = batch(0, 0, 2);
  for (auto& record : only->outputs) record.timestamp_ms = 5;
  redirect(*only, 1, output_topic::errors);
  add(only);
  send();
  for (int time = 0; time < 2; ++time) {  // With others, then alone.
    REQUIRE(broker->refuse(1, code_of(error_kind::invalid_timestamp)));
    deliver_all();
    lane.plan_repetition(now);
    CHECK(lane.phase() == lane_phase::streaming);
    send();
  }
  deliver_all();
  CHECK(finished() == seqs{0});
  CHECK_FALSE(only->outputs[0].timestamp_refused);
  CHECK(only->outputs[1].timestamp_refused);
}

TEST_CASE_FIXTURE(fixture, "a refused error record is sent again and again, never routed") {
  auto only = batch(0, 0, 1);
  redirect(*only, 0, output_topic::errors);
  add(only);
  for (int i = 0; i < 3; ++i) {
    send();
    REQUIRE(broker->under_way() == 1);
    refuse_all();
    CHECK(lane.phase() == lane_phase::settling);
    lane.plan_repetition(now);
    if (i > 0) CHECK(lane.phase() == lane_phase::pausing);
    now += backoff.max;
    lane.resume(now);
  }
  send();
  deliver_all();
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(fixture, "a refused summary record is sent again, never routed") {
  actors::delivery_lane own{core::batch_source(), backoff, figures};
  add(own, summary_batch(0));
  for (int i = 0; i < 2; ++i) {
    send(own);
    refuse_all(87);
    own.plan_repetition(now);
  }
  CHECK(own.phase() == lane_phase::pausing);
}

TEST_CASE_FIXTURE(fixture, "a summary that is too large for its topic is left out") {
  actors::delivery_lane own{core::batch_source(), backoff, figures};
  add(own, summary_batch(0));
  for (int i = 0; i < 2; ++i) {
    send(own);
    refuse_all();
    own.plan_repetition(now);
    own.restart();  // An abort does not bring it back.
  }
  CHECK(send(own).sent == 0);
  CHECK(own.take_finished().size() == 1);
  CHECK(own.take_left_out() == 1);
  CHECK(held.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "a group waits until its output partition is quiet") {
  actors::delivery_lane other{core::partition_epoch{67, 2}, backoff,
                              figures};  // Output partition 3 of 64, by modulo.
  add(batch(0, 0, 1));
  send();
  add(other, batch_of({67, 2}, 0, 500, 1));
  send(other);
  REQUIRE(broker->refuse(0));
  take_deliveries();
  repeat();
  CHECK(send().waits);
  CHECK(broker->under_way() == 1);
  REQUIRE(broker->deliver(500));
  take_deliveries();
  CHECK(send().sent == 1);
}

TEST_CASE_FIXTURE(fixture, "a group keeps other lanes away from its output partition") {
  actors::delivery_lane other{core::partition_epoch{67, 2}, backoff, figures};
  add(batch(0, 0, 1));
  send();
  refuse_all();
  repeat();
  send();
  add(other, batch_of({67, 2}, 0, 500, 1));
  CHECK(send(other).waits);
  CHECK(broker->under_way() == 1);
  deliver_all();
  CHECK(send(other).sent == 1);
}

TEST_CASE_FIXTURE(fixture, "a group does not keep other output partitions from being served") {
  actors::delivery_lane other{core::partition_epoch{4, 2}, backoff, figures};
  add(batch(0, 0, 1));
  send();
  refuse_all();
  repeat();
  send();
  add(other, batch_of({4, 2}, 0, 500, 2));
  CHECK(send(other).sent == 2);
}

TEST_CASE_FIXTURE(fixture, "a reservation outlasts the arrival of new output partitions") {
  add(batch(0, 0, 1));
  send();
  refuse_all();
  repeat();
  send();
  actors::delivery_lane far{core::partition_epoch{63, 2}, backoff, figures};
  add(far, batch_of({63, 2}, 0, 500, 1));
  send(far);
  deliver_all();
  actors::delivery_lane other{core::partition_epoch{67, 3}, backoff, figures};
  add(other, batch_of({67, 3}, 0, 700, 1));
  CHECK(send(other).sent == 1);
}

TEST_CASE_FIXTURE(fixture, "a group that cannot be handed over lets the others pass meanwhile") {
  actors::delivery_lane other{core::partition_epoch{67, 2}, backoff, figures};
  add(batch(0, 0, 1));
  send();
  refuse_all();
  repeat();
  broker->on_send = [](const core::output_record&) {
    return std::optional{kafka_io::send_result{kafka_io::send_status::failed, -195}};
  };
  send();
  lane.plan_repetition(now);
  broker->on_send = nullptr;
  add(other, batch_of({67, 2}, 0, 500, 1));
  CHECK(send(other).sent == 1);
}

TEST_CASE_FIXTURE(fixture, "a closed lane gives its reservation back") {
  actors::delivery_lane other{core::partition_epoch{67, 2}, backoff, figures};
  add(batch(0, 0, 1));
  send();
  refuse_all();
  repeat();
  send();
  lane.close();
  add(other, batch_of({67, 2}, 0, 500, 1));
  CHECK(send(other).sent == 0);
  deliver_all();
  CHECK(send(other).sent == 1);
}
