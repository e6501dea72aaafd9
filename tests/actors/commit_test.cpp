// When the group_consumer commits, and what.
#include "tests/actors/group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {
const kafka_io::io_error retriable{-195, "no coordinator", true};
const kafka_io::io_error fenced{22, "illegal generation", false};
}  // namespace

TEST_CASE_FIXTURE(group_fixture, "only what is finished is committed") {
  start_with({0});
  push(0, 250);
  advance(milliseconds{300});
  CHECK(commits().empty());
  auto& batches = transformer.got<raw_batch>();
  REQUIRE(batches.size() == 3);
  pass_through(*batches[0].batch);
  tell(batches[0].owner, batch_done{batches[0].batch});
  advance(milliseconds{300});
  CHECK(commits() == texts{"commit 0:100"});
}

TEST_CASE_FIXTURE(group_fixture, "all partitions are committed at once, each interval") {
  start_with({0, 1, 2});
  push(0, 10);
  push(2, 20);
  finish();
  CHECK(commits().empty());
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:10 2:20"});
  push(1, 5);
  finish();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:10 2:20", "commit 1:5"});
  CHECK(figures->commits.get() == 2);
}

TEST_CASE_FIXTURE(group_fixture, "nothing is committed where nothing is new") {
  start_with({0});
  push(0, 10);
  finish();
  advance(milliseconds{1000});
  CHECK(commits().size() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "a worker that has nothing to commit is not woken for it") {
  start_with({0});
  const std::size_t idle = timers();
  push(0, 10);
  finish();
  CHECK(timers() == idle + 1);
  advance(milliseconds{200});
  CHECK(commits().size() == 1);
  CHECK(timers() == idle);
}

TEST_CASE_FIXTURE(group_fixture, "one commit at a time is under way") {
  start_with_commit_under_way();
  finish();
  advance(milliseconds{500});
  CHECK(commits().size() == 1);
  client->finish_commit();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:10", "commit 0:20"});
}

TEST_CASE_FIXTURE(group_fixture,
                  "a commit under way while partitions are taken is followed by the next one") {
  start_with_commit_under_way();
  finish();
  client->assigned({1});
  run();
  advance(milliseconds{300});
  CHECK(commits().size() == 1);
  client->finish_commit();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:10", "commit 0:20"});
}

TEST_CASE_FIXTURE(group_fixture, "a failed commit is repeated with what is finished by then") {
  log_capture log;
  start_with_commit_under_way();
  finish();
  client->finish_commit(retriable);
  run();
  CHECK(figures->commit_failures.get() == 1);
  CHECK(log.with({"commit failed", "no coordinator"}).size() == 1);
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:10", "commit 0:20"});
}

TEST_CASE_FIXTURE(group_fixture,
                  "what was committed before this assignment is not committed again") {
  lookup->committed = {{0, 40}};
  start();
  client->assigned({0});
  run();
  client->sources.at(0)->next_offset = 40;
  advance(milliseconds{300});
  CHECK(commits().empty());
  push(0, 5);
  finish();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:45"});
}

TEST_CASE_FIXTURE(group_fixture, "a log that begins anew below the committed offset is committed") {
  lookup->committed = {{0, 1000}};
  start_with({0});
  push(0, 5);
  finish();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:5"});
}

TEST_CASE_FIXTURE(group_fixture, "late progress of an earlier epoch changes nothing") {
  start_with({0});
  client->lost({0});
  run();
  client->assigned({0});
  run();
  send(group, offset_advanced{{0, 1}, 77});
  send(group, drained{{0, 1}});
  advance(milliseconds{300});
  CHECK(commits().empty());
}

TEST_CASE_FIXTURE(group_fixture, "a batch of a lost assignment moves nothing when it comes back") {
  start_with({0});
  push(0, 10);
  client->lost({0});
  run();
  client->assigned({0});
  run();
  finish();
  advance(milliseconds{300});
  CHECK(commits().empty());
  CHECK(summary.count<finished_batch>() == 0);
}

TEST_CASE_FIXTURE(group_fixture, "while giving back, a failed commit is repeated at the interval") {
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  revoke({0});
  finish();
  REQUIRE(commits().size() == 1);
  client->finish_commit(retriable);
  run();
  CHECK(commits().size() == 1);
  advance(milliseconds{100});
  CHECK(commits().size() == 2);
  CHECK(unassigns().empty());
  client->finish_commit();
  run();
  CHECK(unassigns() == texts{"unassign 0"});
}

TEST_CASE_FIXTURE(group_fixture, "a commit that cannot succeed any more ends the waiting") {
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  revoke({0});
  finish();
  client->finish_commit(fenced);
  run();
  CHECK(unassigns() == texts{"unassign 0"});
  CHECK(commits().size() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "reading waits while no commit succeeds, and then goes on") {
  log_capture log;
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  finish();
  advance(milliseconds{200});
  push(0, 10);
  CHECK(records_read(0) == 10);
  finish();
  // Failing is no better than being silent.
  client->finish_commit(retriable);
  advance(milliseconds{300});
  push(0, 10);
  CHECK(records_read(0) == 0);
  CHECK(log.with({"no commit succeeds"}).empty());
  advance(milliseconds{700});
  CHECK(log.with({"no commit succeeds"}).size() == 1);
  client->finish_commit();
  run();
  CHECK(records_read(0) == 10);
  CHECK(log.with({"commits succeed again"}).size() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "where commits are quick, a slow one holds reading sooner") {
  start_with({0});
  for (int n = 0; n < 40; ++n) {
    push(0, 10);
    CHECK(records_read(0) == 10);
    finish();
    advance(milliseconds{100});
  }
  client->commits_itself = false;
  push(0, 10);
  CHECK(records_read(0) == 10);
  finish();
  advance(milliseconds{200});
  push(0, 10);
  CHECK(records_read(0) == 0);
}

TEST_CASE_FIXTURE(group_fixture, "a new assignment reads, whatever became of the last commits") {
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  finish();
  advance(milliseconds{800});
  happen(kafka_io::partitions_revoked{{0}, true});
  client->assigned({0});
  run();
  push(0, 10);
  CHECK(records_read(0) == 10);
}

TEST_CASE_FIXTURE(group_fixture, "a partition lost before its first commit may be repeated whole") {
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  finish();
  happen(kafka_io::partitions_revoked{{0}, true});
  CHECK(figures->possible_repeats.get() == 10);
}

TEST_CASE_FIXTURE(group_fixture,
                  "how long a commit took, and when the last succeeded, is counted") {
  start_with_commit_under_way();
  CHECK(figures->last_commit_ms.get() == -1);
  advance(milliseconds{40});
  client->finish_commit();
  run();
  const auto took = core::latency_figure::quantile(figures->commit.read(), 0.5);
  CHECK(took >= 40'000);
  CHECK(took <= 50'000);
  CHECK(core::wall_clock_ms() - figures->last_commit_ms.get() < 60'000);
}
