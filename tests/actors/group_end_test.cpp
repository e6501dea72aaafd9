// How the group_consumer ends consumption and leaves the group.
#include "tests/actors/group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

TEST_CASE_FIXTURE(group_fixture, "consumption has ended when all is drained and committed") {
  client->commits_itself = false;
  start_with({0, 1});
  push(0, 10);
  push(1, 10);
  send(group, end_consumption{});
  push(0, 10);
  finish();
  CHECK(records_read(0) == 0);
  CHECK(worker.count<consumption_ended>() == 0);
  CHECK(commits() == texts{"commit 0:10 1:10"});
  client->finish_commit();
  run();
  CHECK(worker.count<consumption_ended>() == 1);
  CHECK(unassigns().empty());
}

TEST_CASE_FIXTURE(group_fixture, "consumption without partitions ends at once") {
  start();
  send(group, end_consumption{});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "consumption ends past the deadline with what is finished") {
  start_with({0});
  push(0, 150);
  auto first = transformer.got<raw_batch>()[0];
  pass_through(*first.batch);
  send(first.owner, batch_done{first.batch});
  send(group, end_consumption{});
  advance(milliseconds{3100});
  CHECK(commits() == texts{"commit 0:100"});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(group_fixture,
                  "an assignment that is pending at the end is answered with nothing") {
  lookup->answers_itself = false;
  start_with({0, 1});
  send(group, end_consumption{});
  CHECK(worker.count<consumption_ended>() == 0);
  lookup->answer();
  run();
  CHECK(client->calls == texts{"subscribe", "assign"});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "an assignment after the end takes nothing") {
  start();
  send(group, end_consumption{});
  client->assigned({0});
  run();
  CHECK(client->calls == texts{"subscribe", "assign"});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "a revocation while ending is answered in the same step") {
  start_with({0, 1});
  push(0, 10);
  send(group, end_consumption{});
  revoke({0, 1});
  CHECK(unassigns().empty());
  finish();
  CHECK(commits() == texts{"commit 0:10"});
  CHECK(unassigns() == texts{"unassign 0 1"});
  CHECK(worker.count<consumption_ended>() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "leaving answers the last revocation and says when it is done") {
  start_with({0});
  push(0, 10);
  send(group, end_consumption{});
  finish();
  REQUIRE(worker.count<consumption_ended>() == 1);
  send(group, leave_group{});
  CHECK(client->calls.back() == "close");
  revoke({0});
  CHECK(client->calls.back() == "unassign 0");
  CHECK(worker.count<group_left>() == 0);
  client->is_closed = true;
  advance(milliseconds{100});
  CHECK(worker.count<group_left>() == 1);
  const int polls = client->polls;
  advance(milliseconds{500});
  CHECK(client->polls == polls);
}

TEST_CASE_FIXTURE(group_fixture, "what was late at the end is not waited for again when leaving") {
  start_with({0});
  push(0, 10);
  send(group, end_consumption{});
  advance(milliseconds{3100});
  REQUIRE(worker.count<consumption_ended>() == 1);
  send(group, leave_group{});
  revoke({0});
  CHECK(unassigns() == texts{"unassign 0"});
}

TEST_CASE_FIXTURE(group_fixture, "a partition_consumer's death reaches the worker") {
  start_with({0});
  push(0, 10);
  auto owner = transformer.got<raw_batch>()[0].owner;
  caf::anon_send_exit(caf::actor_cast<caf::actor>(owner), caf::exit_reason::kill);
  run();
  REQUIRE(worker.count<actor_ended>() == 1);
  CHECK(worker.got<actor_ended>()[0].name == "partition_consumer");
}
