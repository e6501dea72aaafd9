// How a lane finds the records that were refused among those of a request.
#include <algorithm>
#include <numeric>

#include "tests/actors/lane_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;
using actors::lane_phase;
using core::output_topic;
using fixture = lane_fixture;
using offsets = std::vector<std::int64_t>;
using seqs = std::vector<std::uint64_t>;

TEST_CASE_FIXTURE(fixture, "one bad record of many is found in a few requests, in order") {
  constexpr std::size_t count = 256;
  constexpr std::int64_t bad = 77;
  add(batch(0, 0, count));
  send();
  refuse_all();
  REQUIRE(lane.is_careful());
  lane.plan_repetition(now);
  std::size_t requests = 0;
  offsets written;
  while (lane.phase() == lane_phase::streaming) {
    const std::size_t before = broker->sent.size();
    REQUIRE(send().sent > 0);
    ++requests;
    const auto group = broker->offsets_sent(before);
    CHECK(group.size() <= actors::refusal_search::group_records_max);
    if (std::ranges::find(group, bad) != group.end()) {
      refuse_all();
    } else {
      deliver_all();
      written.insert(written.end(), group.begin(), group.end());
    }
    if (lane.phase() == lane_phase::settling) lane.plan_repetition(now);
  }
  CHECK(lane.phase() == lane_phase::repairing);
  CHECK(requests <= 12);
  offsets expected(bad);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(written == expected);
}

TEST_CASE_FIXTURE(fixture, "a group waits for the one before, and streams again after many") {
  actors::refusal_search search;
  search.refused();
  search.end_group();
  for (std::size_t left = actors::refusal_search::trusted_after; left > 0; --left) {
    CHECK(search.on());
    search.add(1, false);
    search.delivered();
    search.end_group();
  }
  CHECK_FALSE(search.on());
  add(batch(0, 0, 100));
  send();
  refuse_all();
  repeat();
  broker->queue_max = 5;
  REQUIRE(send().sent == 5);
  broker->queue_max = 1000;
  CHECK(send().sent == 0);
}

TEST_CASE_FIXTURE(fixture, "what the broker names goes to its error record, its neighbours again") {
  add(batch(0, 0, 3));
  add(batch(1, 3, 2));
  send();
  for (const std::int64_t neighbour : {0, 2, 3})
    REQUIRE(broker->answer(neighbour, kafka_io::delivery_status::unwritten));
  for (const std::int64_t named : {1, 4})
    REQUIRE(broker->answer(named, kafka_io::delivery_status::singled_out, 87));
  take_deliveries();
  lane.plan_repetition(now);
  for (const std::uint64_t seq : {0U, 1U}) {
    REQUIRE(lane.phase() == lane_phase::repairing);
    const auto refused = lane.refused();
    CHECK(refused.batch->seq == seq);
    REQUIRE(refused.slots.size() == 1);
    refused.batch->outputs[refused.slots[0].index].topic = output_topic::errors;
    lane.take_repaired();
  }
  while (send().sent > 0) deliver_all();
  CHECK(broker->offsets_sent(5, output_topic::processed) == offsets{0, 2, 3});
  CHECK(broker->offsets_sent(5, output_topic::errors) == offsets{1, 4});
  CHECK(possible_repeats.get() == 0);
  CHECK(finished() == seqs{0, 1});
}

TEST_CASE_FIXTURE(fixture, "what was not written goes again at once, and is no possible repeat") {
  add(batch(0, 0, 3));
  send();
  broker->deliver(0);
  broker->deliver_all(kafka_io::delivery_status::unwritten, 10);
  take_deliveries();
  lane.plan_repetition(now);
  REQUIRE(lane.phase() == lane_phase::streaming);
  CHECK_FALSE(lane.is_careful());
  send();
  CHECK(broker->offsets_sent(3) == offsets{1, 2});
  deliver_all();
  CHECK(possible_repeats.get() == 0);
  CHECK(finished() == seqs{0});
}
