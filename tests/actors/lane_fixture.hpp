// A delivery lane with a broker behind it, and what a producer does around it in small steps.
//
// Base of the lane tests; used on the test's thread, no actors.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "actors/delivery/delivery_lane.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fakes.hpp"

namespace turnstile::tests {

struct lane_fixture {
  using milliseconds = std::chrono::milliseconds;
  using offsets = std::vector<std::int64_t>;

  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  fake_delivery_client client{broker};
  actors::target_board board;
  core::figure held;
  core::figure possible_repeats;
  actors::delivery_lane::shared_figures figures{held, possible_repeats};
  actors::backoff_limits backoff{milliseconds{100}, milliseconds{400}};
  actors::delivery_lane lane{core::partition_epoch{3, 1}, backoff, figures};
  actors::steady_time now{std::chrono::seconds{1}};

  void add(core::batch_ptr batch) { add(lane, std::move(batch)); }
  static void add(actors::delivery_lane& to, core::batch_ptr batch) {
    to.add({std::move(batch), messages::batch_owner{}});
  }
  actors::delivery_lane::send_report send() { return send(lane); }
  actors::delivery_lane::send_report send(actors::delivery_lane& from) {
    return from.send(client, board, now);
  }
  /// Hands the broker's answers to their lanes.
  void take_deliveries() {
    std::vector<kafka_io::delivery> deliveries;
    (void)client.poll(deliveries);
    for (const auto& delivery : deliveries) {
      auto& slot = *static_cast<actors::delivery_slot*>(delivery.slot);
      slot.in->lane->take_delivery(delivery, board, now);
    }
  }
  void deliver_all() {
    broker->deliver_all();
    take_deliveries();
  }
  void refuse_all(kafka_io::error_code code = code_of(error_kind::message_too_large)) {
    broker->deliver_all(kafka_io::delivery_status::refused, code);
    take_deliveries();
  }
  void fail_all() {
    broker->deliver_all(kafka_io::delivery_status::failed, -192);
    take_deliveries();
  }
  /// Settles, waits until the pause is over, and streams again.
  void repeat() {
    REQUIRE(lane.phase() == actors::lane_phase::settling);
    lane.plan_repetition(now);
    now = std::max(now, lane.pause_ends());
    lane.resume(now);
    REQUIRE(lane.phase() == actors::lane_phase::streaming);
  }
  /// The sequence numbers of the batches that are finished now.
  std::vector<std::uint64_t> finished() {
    std::vector<std::uint64_t> seqs;
    for (const auto& entry : lane.take_finished()) seqs.push_back(entry->batch->seq);
    return seqs;
  }
  core::batch_ptr batch(std::uint64_t seq, std::int64_t first_offset, std::size_t count) {
    return batch_of({3, 1}, seq, first_offset, count);
  }
};

}  // namespace turnstile::tests
