// How the group_consumer takes partitions, gives them back, and ends.
#include "actors/group_consumer.hpp"

#include "tests/actors/group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

TEST_CASE_FIXTURE(group_fixture, "partitions are opened before they are assigned") {
  start_with({0, 1});
  CHECK(client->calls == texts{"subscribe", "open 0", "open 1", "assign 0 1"});
  CHECK(reporter.count<partition_opened>() == 2);
  CHECK(figures->partitions.get() == 2);
  push(1, 10);
  CHECK(records_read(1) == 10);
}

TEST_CASE_FIXTURE(group_fixture, "an assignment waits for the lookup's answer") {
  lookup->answers_itself = false;
  start_with({0});
  CHECK(client->calls == texts{"subscribe"});
  lookup->answer();
  run();
  CHECK(client->calls_of("assign") == texts{"assign 0"});
}

TEST_CASE_FIXTURE(group_fixture, "the lookup is asked again where it has no answer") {
  lookup->answers_itself = false;
  start_with({0});
  lookup->answer_with(std::nullopt);
  run();
  REQUIRE(lookup->questions.size() == 1);
  lookup->answer();
  run();
  CHECK(client->calls_of("assign") == texts{"assign 0"});
}

TEST_CASE_FIXTURE(group_fixture, "the answer to an earlier question is of no use") {
  lookup->answers_itself = false;
  start_with({0, 1});
  client->lost({0, 1});
  run();
  client->assigned({1});
  run();
  lookup->answer();
  run();
  CHECK(client->calls_of("assign").empty());
  lookup->answer();
  run();
  CHECK(client->calls_of("assign") == texts{"assign 1"});
}

TEST_CASE_FIXTURE(group_fixture,
                  "an assignment names the committed offsets that reading begins at") {
  lookup->committed = {{1, 42}};
  start_with({0, 1});
  CHECK(client->calls_of("assign") == texts{"assign 0 1:42"});
}

TEST_CASE_FIXTURE(group_fixture, "an assignment of nothing is answered") {
  start_with({});
  CHECK(client->calls_of("assign") == texts{"assign"});
  advance(milliseconds{1000});
  CHECK(client->polls >= 10);
}

TEST_CASE_FIXTURE(group_fixture, "a revocation drains, commits and then gives back") {
  start_with({0, 1});
  push(0, 10);
  push(1, 20);
  revoke({0, 1});
  push(0, 5);
  CHECK(records_read(0) == 10);
  finish(0);
  CHECK(commits().empty());
  CHECK(unassigns().empty());
  finish(1);
  const auto end = client->calls.size();
  CHECK(client->calls[end - 2] == "commit 0:10 1:20");
  CHECK(client->calls[end - 1] == "unassign 0 1");
  CHECK(reporter.count<partition_closed>() == 2);
  CHECK(producer.count<close_lane>() == 2);
  CHECK(figures->possible_repeats.get() == 0);
}

TEST_CASE_FIXTURE(group_fixture, "partitions are not given back before the commit's result") {
  start_with_commit_under_way();
  revoke({0});
  finish();
  client->finish_commit();
  run();
  CHECK(unassigns().empty());
  CHECK(commits() == texts{"commit 0:10", "commit 0:20"});
  client->finish_commit();
  run();
  CHECK(unassigns() == texts{"unassign 0"});
}

TEST_CASE_FIXTURE(group_fixture, "a revocation without anything to do is answered at once") {
  start_with({0});
  revoke({0});
  CHECK(unassigns() == texts{"unassign 0"});
  CHECK(commits().empty());
}

TEST_CASE_FIXTURE(group_fixture, "a revocation of nothing is answered too") {
  start_with({});
  revoke({});
  CHECK(unassigns() == texts{"unassign"});
}

TEST_CASE_FIXTURE(group_fixture, "past the deadline what is finished is committed and given back") {
  log_capture log;
  start_with({0});
  push(0, 250);
  revoke({0});
  auto first = transformer.got<raw_batch>()[0];
  pass_through(*first.batch);
  send(first.owner, batch_done{first.batch});
  advance(milliseconds{2900});
  CHECK(unassigns().empty());
  advance(milliseconds{200});
  CHECK(commits() == texts{"commit 0:100"});
  CHECK(unassigns() == texts{"unassign 0"});
  CHECK(log.with({"drain deadline passed"}).size() == 1);
  CHECK(figures->possible_repeats.get() == 150);
}

TEST_CASE_FIXTURE(group_fixture, "a commit without an answer does not hold partitions for ever") {
  client->commits_itself = false;
  start_with({0});
  push(0, 10);
  revoke({0});
  finish();
  advance(milliseconds{4900});
  CHECK(unassigns().empty());
  advance(milliseconds{200});
  CHECK(unassigns() == texts{"unassign 0"});
  CHECK(figures->possible_repeats.get() == 10);
}

TEST_CASE_FIXTURE(group_fixture, "a deadline of an earlier revocation does not cut a later one") {
  start_with({0});
  revoke({0});
  client->assigned({0});
  run();
  advance(milliseconds{2000});
  push(0, 10);
  revoke({0});
  advance(milliseconds{1500});
  CHECK(unassigns().size() == 1);
}

TEST_CASE_FIXTURE(group_fixture, "lost partitions are let go at once and without a commit") {
  start_with({0, 1});
  push(0, 100);
  push(0, 50);
  finish(0);
  push(0, 30);
  client->lost({0, 1});
  run();
  CHECK(commits().empty());
  CHECK(unassigns() == texts{"unassign 0 1"});
  CHECK(figures->losses.get() == 1);
  advance(milliseconds{500});
  CHECK(commits().empty());
}

TEST_CASE_FIXTURE(group_fixture, "kept partitions go on while others are given back") {
  start_with({0, 1});
  push(0, 10);
  revoke({0});
  push(1, 20);
  CHECK(records_read(1) == 20);
  finish(1);
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 1:20"});
  CHECK(unassigns().empty());
  finish(0);
  CHECK(commits() == texts{"commit 1:20", "commit 0:10"});
  CHECK(unassigns() == texts{"unassign 0"});
  push(1, 5);
  CHECK(records_read(1) == 5);
}

TEST_CASE_FIXTURE(group_fixture, "a partition that comes back has a new epoch and starts anew") {
  start_with({0});
  push(0, 10);
  finish();
  revoke({0});
  client->assigned({0});
  run();
  push(0, 10);
  const auto again = transformer.got<raw_batch>().back().batch;
  CHECK(again->source.assignment().epoch == 2);
  CHECK(again->seq == 0);
  finish();
  advance(milliseconds{100});
  CHECK(commits().back() == "commit 0:20");
}

TEST_CASE_FIXTURE(group_fixture,
                  "a partition is opened again only when its last reader has ended") {
  start_with({0});
  client->lost({0});
  client->assigned({0});
  advance(milliseconds{50});
  CHECK_FALSE(client->opened_while_read);
  CHECK(client->calls_of("assign").size() == 2);
  push(0, 10);
  CHECK(records_read(0) == 10);
}

TEST_CASE_FIXTURE(group_fixture, "credit is divided by the partitions owned, anew at each change") {
  start({1000, 100'000'000});
  client->assigned({0, 1});
  run();
  push(0, 2000);
  CHECK(records_read(0) == 500);
  revoke({1});
  CHECK(records_read(0) == 1000);
  client->assigned({2, 3, 4});
  run();
  push(2, 2000);
  CHECK(records_read(2) == 250);
}

TEST_CASE_FIXTURE(group_fixture, "each of more partitions than credit reads a record at a time") {
  start({2, 100'000'000});
  client->assigned({0, 1, 2, 3});
  run();
  push(0, 2000);
  CHECK(records_read(0) == 1);
}

TEST_CASE_FIXTURE(group_fixture, "each partition may take all of a pooled credit") {
  credit_is_pooled = true;
  start({1000, 100'000'000});
  client->assigned({0, 1, 2, 3});
  run();
  push(0, 2000);
  CHECK(records_read(0) == 1000);
}

TEST_CASE_FIXTURE(group_fixture, "a lost wake of a partition is made good within the tick") {
  start_with({0});
  client->sources.at(0)->loses_wakes = true;
  push(0, 10);
  CHECK(records_read(0) == 0);
  advance(milliseconds{100});
  CHECK(records_read(0) == 10);
}

TEST_CASE_FIXTURE(group_fixture, "the worker hears of a fatal error of the consumer") {
  start();
  happen(kafka_io::client_error{{1, "resolve failed", false}, false});
  CHECK(worker.count<consumer_failed>() == 0);
  happen(kafka_io::client_error{{-150, "fenced by another member", false}, true});
  REQUIRE(worker.count<consumer_failed>() == 1);
  CHECK(worker.got<consumer_failed>()[0].error.text == "fenced by another member");
}
