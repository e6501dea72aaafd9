// What a record that was refused alone tells of others.
#include "actors/delivery/refusal_rules.hpp"

#include "tests/actors/lane_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;
using actors::lane_phase;
using actors::refusal_rules;
using core::output_topic;
using std::chrono::milliseconds;
using std::chrono::minutes;
using offsets = std::vector<std::int64_t>;
using seqs = std::vector<std::uint64_t>;

namespace {

std::int64_t ms_from_now(std::chrono::milliseconds ahead) {
  const auto at = std::chrono::system_clock::now() + ahead;
  return std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
}

core::output_record record(std::int64_t timestamp_ms, std::string_view value = "12345678") {
  core::output_record made;
  made.timestamp_ms = timestamp_ms;
  made.key = "key";
  made.value = value;
  return made;
}

struct fixture : lane_fixture {
  refusal_rules rules;
  std::int64_t const late = ms_from_now(minutes{120});
  std::int64_t const early = ms_from_now(minutes{-120});

  /// The lane's batch 0, of three records, of which the one in the middle was refused alone for its
  /// timestamp, and is repaired.
  void refuse_late_record() {
    auto first = batch(0, 0, 3);
    for (auto& one : first->outputs) one.timestamp_ms = ms_from_now(minutes{0});
    first->outputs[1].timestamp_ms = late;
    add(first);
    send();
    refuse_all(code_of(error_kind::invalid_timestamp));
    repeat();
    send();
    deliver_all();
    send();
    REQUIRE(broker->refuse(1, code_of(error_kind::invalid_timestamp)));
    take_deliveries();
    lane.plan_repetition(now);
    repair(*first, 1);
  }
  void repair(core::record_batch& of, std::int64_t offset) {
    REQUIRE(lane.phase() == lane_phase::repairing);
    redirect(of, offset, output_topic::errors);
    lane.take_repaired();
  }
  void deliver_rest() {
    while (send().sent > 0) deliver_all();
  }
  /// Later batches of two records, of which the second has the refused timestamp.
  core::batch_ptr add_late(std::uint64_t seq, std::int64_t first_offset) {
    auto more = batch(seq, first_offset, 2);
    more->outputs[0].timestamp_ms = ms_from_now(minutes{0});
    more->outputs[1].timestamp_ms = late;
    add(more);
    return more;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture,
                  "what is further away on the same side is refused too, for some seconds") {
  rules.learn(record(late), error_kind::invalid_timestamp, now);
  CHECK(rules.certain(now));
  CHECK(rules.refusal_of(record(late), now) == error_kind::invalid_timestamp);
  CHECK(rules.refusal_of(record(late + 1), now) == error_kind::invalid_timestamp);
  CHECK(rules.refusal_of(record(late - 1), now) == std::nullopt);
  CHECK(rules.refusal_of(record(early), now) == std::nullopt);
  CHECK(rules.refusal_of(record(-1), now) == std::nullopt);
  auto elsewhere = record(late);
  elsewhere.topic = output_topic::cleaned;
  CHECK(rules.refusal_of(elsewhere, now) == std::nullopt);
  rules.learn(record(early), error_kind::invalid_timestamp, now);
  CHECK(rules.refusal_of(record(early), now) == error_kind::invalid_timestamp);
  CHECK(rules.refusal_of(record(early + 1), now) == std::nullopt);
  now += refusal_rules::certain_for;
  CHECK_FALSE(rules.certain(now));
  CHECK(rules.refusal_of(record(late), now) == std::nullopt);
  CHECK(rules.suspects(record(late), now));
  now += refusal_rules::suspected_for;
  CHECK_FALSE(rules.suspects(record(late), now));
}

TEST_CASE_FIXTURE(fixture, "one topic's news does not prolong what was learned of another") {
  rules.learn(record(late), error_kind::invalid_timestamp, now);
  now += refusal_rules::certain_for;
  auto elsewhere = record(late);
  elsewhere.topic = output_topic::cleaned;
  rules.learn(elsewhere, error_kind::invalid_timestamp, now);
  CHECK(rules.certain(now));
  CHECK(rules.refusal_of(record(late), now) == std::nullopt);
}

TEST_CASE_FIXTURE(fixture, "near to now the broker's clock decides, so that nothing is certain") {
  rules.learn(record(ms_from_now(minutes{1})), error_kind::invalid_timestamp, now);
  CHECK_FALSE(rules.certain(now));
  rules.learn(record(-1), error_kind::invalid_timestamp, now);
  CHECK_FALSE(rules.certain(now));
}

TEST_CASE_FIXTURE(fixture, "what is as large as a refused record is suspected, as it may pass") {
  rules.learn(record(late, "1234"), error_kind::message_too_large, now);
  rules.learn(record(late, "12345678"), error_kind::message_too_large, now);
  CHECK(rules.suspects(record(late, "1234"), now));
  CHECK_FALSE(rules.suspects(record(late, "123"), now));
  CHECK(rules.refusal_of(record(late, "1234"), now) == std::nullopt);
  CHECK_FALSE(rules.certain(now));
  rules.note_taken(record(late, "123"));
  CHECK(rules.suspects(record(late, "1234"), now));
  rules.note_taken(record(late, "1234"));
  CHECK_FALSE(rules.suspects(record(late, "12345"), now));
}

TEST_CASE_FIXTURE(fixture,
                  "records without a key are refused after some that were, and none taken") {
  auto keyless = record(late);
  keyless.key.reset();
  const auto refuse = [&] { rules.learn(keyless, error_kind::invalid_record, now); };
  rules.learn(record(late), error_kind::invalid_record, now);
  CHECK_FALSE(rules.suspects(keyless, now));
  for (auto n = refusal_rules::keyless_refusals; n > 1; --n) refuse();
  CHECK(rules.suspects(keyless, now));
  CHECK_FALSE(rules.suspects(record(late), now));
  CHECK(rules.refusal_of(keyless, now) == std::nullopt);
  refuse();
  CHECK(rules.refusal_of(keyless, now) == error_kind::invalid_record);
  CHECK(rules.refusal_of(record(late), now) == std::nullopt);
  rules.note_taken(record(late));
  CHECK(rules.refusal_of(keyless, now) == error_kind::invalid_record);
  rules.note_taken(keyless);
  CHECK_FALSE(rules.suspects(keyless, now));
  refuse();
  CHECK(rules.refusal_of(keyless, now) == std::nullopt);
}

TEST_CASE_FIXTURE(fixture, "the likely one of a refused request goes alone, and is found at once") {
  refuse_late_record();
  CHECK(broker->offsets_sent(3) == offsets{0, 1});
  deliver_rest();
  CHECK(broker->offsets_sent(5, output_topic::processed) == offsets{2});
  CHECK(broker->offsets_sent(5, output_topic::errors) == offsets{1});
  CHECK(possible_repeats.get() == 0);
  CHECK(finished() == seqs{0});
}

TEST_CASE_FIXTURE(fixture, "what its topic refuses for certain is not tried, and keeps its place") {
  refuse_late_record();
  const auto more = add_late(1, 3);
  const auto last = add_late(2, 5);
  deliver_rest();
  CHECK(broker->offsets_sent(5) == offsets{2, 1});
  const auto refused = lane.refused();
  CHECK(refused.batch == more);
  REQUIRE(refused.slots.size() == 1);
  CHECK(refused.slots[0].code.kind() == error_kind::invalid_timestamp);
  CHECK(refused.slots[0].attempts == 1);
  repair(*more, 4);
  deliver_rest();
  repair(*last, 6);
  deliver_rest();
  CHECK(broker->offsets_sent(5, output_topic::processed) == offsets{2, 3, 5});
  CHECK(broker->offsets_sent(5, output_topic::errors) == offsets{1, 4, 6});
  CHECK(finished() == seqs{0, 1, 2});
}

TEST_CASE_FIXTURE(fixture, "some seconds later the topic is asked again") {
  refuse_late_record();
  deliver_rest();
  now += refusal_rules::certain_for;
  add_late(1, 3);
  send();
  deliver_all();
  send();
  CHECK(broker->offsets_sent(7) == offsets{3, 4});
  deliver_all();
  CHECK(finished() == seqs{0, 1});
}

TEST_CASE_FIXTURE(fixture, "an error record goes without a timestamp that its topic refused") {
  auto error = record(late);
  error.topic = output_topic::errors;
  board.rules.learn(error, error_kind::invalid_timestamp, now);
  const auto only = batch(0, 0, 2);
  for (auto& one : only->outputs) one.timestamp_ms = late;
  redirect(*only, 1, output_topic::errors);
  add(only);
  send();
  CHECK(broker->offsets_sent() == offsets{0, 1});
  CHECK_FALSE(only->outputs[0].timestamp_refused);
  CHECK(only->outputs[1].timestamp_refused);
}

TEST_CASE_FIXTURE(fixture, "what fails while a repair is waited for is settled before it goes on") {
  refuse_late_record();
  deliver_rest();
  auto before = batch(1, 3, 2);
  add(before);
  const auto more = add_late(2, 5);
  while (lane.phase() == lane_phase::streaming) REQUIRE(send().sent > 0);
  REQUIRE(lane.phase() == lane_phase::repairing);
  REQUIRE(lane.under_way() == 2);
  CHECK(lane.asks_for_repair());
  REQUIRE(broker->fail(3));
  take_deliveries();
  REQUIRE(lane.phase() == lane_phase::settling);
  redirect(*more, 6, output_topic::errors);
  lane.take_repaired();
  CHECK(lane.phase() == lane_phase::settling);
  REQUIRE(broker->fail(4));
  take_deliveries();
  const auto from = broker->sent.size();
  repeat();
  deliver_rest();
  CHECK(broker->offsets_sent(from, output_topic::processed) == offsets{3, 4, 5});
  CHECK(broker->offsets_sent(from, output_topic::errors) == offsets{6});
  CHECK(finished() == seqs{0, 1, 2});
}
