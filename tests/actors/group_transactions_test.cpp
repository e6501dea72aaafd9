// What the group_consumer does, and leaves, where transactional_producers commit the offsets.
#include "tests/actors/group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

using texts = std::vector<std::string>;

/// Notes what the group_consumer tells the producers, in its order.
transactional_producer_actor::behavior_type note(transactional_producer_actor::pointer,
                                                 std::shared_ptr<texts> heard) {
  return {
      [](const transformed_batch&) {},
      [](const repaired_records&) {},
      [](const wake&) {},
      [heard](const close_lane& close) {
        heard->push_back("close " + std::to_string(close.source.partition));
      },
      [](const retry_tick&) {},
      [](const show_life&) {},
      [](const layout_described&) {},
      [](const transaction_answered&) {},
      [](const assignment_described&) {},
      [heard](const membership_changed& changed) {
        heard->push_back("member " +
                         (changed.member
                              ? std::to_string(*std::static_pointer_cast<const int>(changed.member))
                              : std::string("none")));
      },
      [heard](const commit_soon& soon) { heard->push_back(soon.on ? "soon" : "in time"); },
  };
}

struct fixture : group_fixture {
  std::shared_ptr<texts> heard = std::make_shared<texts>();

  fixture() {
    transactional = spawn(note, heard);
    start();
    happen(kafka_io::partitions_assigned{{0, 1}, member(7)});
  }
  static kafka_io::membership member(int generation) {
    return std::make_shared<const int>(generation);
  }
  texts take_heard() { return std::exchange(*heard, {}); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "what transactions have committed is not committed again") {
  push(0, 10);
  finish();
  advance(milliseconds{1000});
  CHECK(commits().empty());
  revoke({0, 1});
  CHECK(commits().empty());
  CHECK(unassigns() == texts{"unassign 0 1"});
}

TEST_CASE_FIXTURE(fixture, "an end without records is not committed where transactions commit") {
  push(0, 5);
  finish();
  client->sources.at(0)->end = 7;
  client->sources.at(0)->wake();
  run();
  const auto of = reporter.got<messages::partition_opened>().at(0).figures;
  CHECK(of->committed.get() == 5);
  CHECK(of->empty_to.get() == 7);
}

TEST_CASE_FIXTURE(fixture, "with transactions no loss of partitions repeats anything") {
  push(0, 10);
  finish();
  push(0, 10);
  happen(kafka_io::partitions_revoked{{0, 1}, true, nullptr});
  CHECK(figures->possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "each assignment hands its own membership on") {
  CHECK(take_heard() == texts{"member 7", "in time"});
}

TEST_CASE_FIXTURE(fixture, "a drain hurries the transactions until the partitions are given back") {
  push(0, 10);
  take_heard();
  happen(kafka_io::partitions_revoked{{0, 1}, false, member(7)});
  CHECK(take_heard() == texts{"member 7", "soon"});
  finish();
  CHECK(take_heard() == texts{"close 0", "close 1", "in time"});
}

TEST_CASE_FIXTURE(fixture, "at the end the hurry stays") {
  take_heard();
  send(group, end_consumption{});
  CHECK(take_heard() == texts{"soon"});
  happen(kafka_io::partitions_revoked{{0, 1}, false, member(7)});
  CHECK(take_heard() == texts{"member 7", "soon", "close 0", "close 1", "soon"});
}

TEST_CASE_FIXTURE(fixture, "what is late at the end holds up no last summary in its transaction") {
  push(0, 10);
  take_heard();
  send(group, end_consumption{});
  advance(milliseconds{3100});
  CHECK(take_heard() == texts{"soon", "close 0", "close 1"});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(fixture, "lost partitions are closed before there is a new membership") {
  take_heard();
  happen(kafka_io::partitions_revoked{{0, 1}, true, member(8)});
  CHECK(take_heard() == texts{"close 0", "close 1"});
  happen(kafka_io::partitions_assigned{{0}, member(9)});
  CHECK(take_heard() == texts{"member 9", "in time"});
}

TEST_CASE_FIXTURE(fixture, "a membership that is renewed without an assignment goes to producers") {
  take_heard();
  happen(kafka_io::membership_renewed{member(8)});
  CHECK(take_heard() == texts{"member 8"});
}

TEST_CASE_FIXTURE(fixture, "an assignment that changes nothing still brings a new membership") {
  take_heard();
  happen(kafka_io::partitions_assigned{{}, member(8)});
  CHECK(take_heard().front() == "member 8");
}
