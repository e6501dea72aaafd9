// Everything that ends a transaction otherwise than by its commit.
#include "event/error_record.hpp"
#include "tests/actors/transaction_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;
using fixture = transaction_fixture;
using kafka_io::transaction_error;
using kafka_io::transaction_failure;
using offsets = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

TEST_CASE_FIXTURE(fixture, "a failed delivery aborts, and the same batches go again in order") {
  give({3, 1}, 0, 0, 2);
  give({3, 1}, 1, 2, 2);
  give({4, 1}, 0, 100, 1);
  broker->deliver(0);
  broker->fail(1);
  run();
  CHECK(coordinator->calls == texts{"open", "abort"});
  CHECK(figures->aborts.get() == 1);
  CHECK(log.with({"transaction aborted", "error -192"}).size() == 1);
  CHECK(broker->sent.size() == 5);
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(5) == offsets{0, 1, 2, 3, 100});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open", "abort", "offsets 3:4 4:101", "commit"});
  CHECK(done() == fixture::dones{{3, 0}, {3, 1}, {4, 0}});
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "the log says which delivery failed of a transaction that was closed") {
  give({3, 1}, 0, 0, 2);
  advance(milliseconds{100});
  REQUIRE(coordinator->calls.back() == "offsets 3:2");
  broker->fail(0);
  run();
  CHECK(log.with({"transaction aborted", "error=error -192"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the log says what failed first, and not what that led to") {
  coordinator->answers_itself = false;
  answer();  // open
  give({3, 1}, 0, 0, 2);
  advance(milliseconds{100});
  REQUIRE(coordinator->calls.back() == "offsets 3:2");
  broker->fail(0);
  run();
  fail(transaction_failure::abortable, -5);
  REQUIRE(coordinator->calls.back() == "abort");
  answer();
  CHECK(log.with({"transaction aborted", "error=error -192"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the pause between aborts doubles and a commit ends that") {
  give({3, 1}, 0, 0, 1);
  for (const int pause : {100, 200, 400}) {
    broker->fail(0);
    run();
    const auto sent = broker->sent.size();
    advance(milliseconds{pause - 5});
    CHECK(broker->sent.size() == sent);
    advance(milliseconds{10});
    CHECK(broker->sent.size() == sent + 1);
  }
  deliver_all();
  advance(milliseconds{100});
  CHECK(done().size() == 1);
  give({3, 1}, 1, 1, 1);
  broker->fail(1);
  run();
  const auto sent = broker->sent.size();
  advance(milliseconds{105});
  CHECK(broker->sent.size() == sent + 1);
}

TEST_CASE_FIXTURE(fixture, "a commit that must be aborted is aborted, and sent again") {
  give({3, 1}, 0, 0, 2);
  commit_up_to_the_answer();
  coordinator->answers_itself = true;
  fail(transaction_failure::abortable);
  CHECK(coordinator->calls.back() == "abort");
  CHECK(done().empty());
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  deliver_all();
  advance(milliseconds{100});
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "offsets of an old membership wait for a new one, then all goes again") {
  const auto renewed = some_member();
  give({3, 1}, 0, 0, 2);
  coordinator->failures.emplace_back(
      "offsets", transaction_error{transaction_failure::stale_member, {22, "generation", false}});
  deliver_all();
  advance(milliseconds{1000});
  CHECK(coordinator->calls == texts{"open", "offsets 3:2", "abort"});
  CHECK(broker->sent.size() == 2);
  send(producer, membership_changed{renewed});
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->members.back() == renewed);
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a membership that came while the old one was refused is used at once") {
  coordinator->answers_itself = false;
  coordinator->answer();  // open
  run();
  give({3, 1}, 0, 0, 2);
  deliver_all();
  advance(milliseconds{100});
  REQUIRE(coordinator->calls.back() == "offsets 3:2");
  const auto renewed = some_member();
  send(producer, membership_changed{renewed});
  fail(transaction_failure::stale_member);
  coordinator->answers_itself = true;
  answer();  // abort
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->members.back() == renewed);
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a lane that is closed in a pause is neither sent nor committed") {
  give({3, 1}, 0, 0, 2);
  give({4, 1}, 0, 100, 1);
  broker->fail(0);
  run();
  REQUIRE(coordinator->calls.back() == "abort");
  send(producer, close_lane{{3, 1}});
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(3) == offsets{100});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open", "abort", "offsets 4:101", "commit"});
  CHECK(done() == fixture::dones{{4, 0}});
}

TEST_CASE_FIXTURE(fixture, "a lane that is closed before a new client is there is not committed") {
  give({3, 1}, 0, 0, 2);
  give({4, 1}, 0, 100, 1);
  deliver_all();
  break_client(-150);
  send(producer, close_lane{{3, 1}});
  coordinator->answers_itself = false;
  advance(milliseconds{100});
  REQUIRE(broker->clients == 2);
  give({5, 1}, 0, 0, 1);
  coordinator->answers_itself = true;
  answer();  // open
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->count("offsets 4:101 5:1") == 1);
}

TEST_CASE_FIXTURE(fixture, "a lane that is closed takes its transaction with it, others go again") {
  give({3, 1}, 0, 0, 2);
  give({4, 1}, 0, 100, 2);
  deliver_all();
  send(producer, close_lane{{3, 1}});
  CHECK(coordinator->calls == texts{"open", "abort"});
  CHECK(broker->offsets_sent(4) == offsets{100, 101});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls.back() == "commit");
  CHECK(coordinator->count("offsets 4:102") == 1);
  CHECK(done() == fixture::dones{{4, 0}});
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "a lane that is closed while its offsets are under way is not committed") {
  coordinator->answers_itself = false;
  answer();  // open
  give({3, 1}, 0, 0, 2);
  deliver_all();
  advance(milliseconds{100});
  REQUIRE(coordinator->calls.back() == "offsets 3:2");
  send(producer, close_lane{{3, 1}});
  answer();
  CHECK(coordinator->calls.back() == "abort");
  answer();
  CHECK(coordinator->count("commit") == 0);
  CHECK(done().empty());
}

TEST_CASE_FIXTURE(fixture, "a lane closed while the commit is under way is answered to nobody") {
  give({3, 1}, 0, 0, 2);
  give({4, 1}, 0, 0, 1);
  commit_up_to_the_answer();
  send(producer, close_lane{{3, 1}});
  answer();
  CHECK(coordinator->count("abort") == 0);
  CHECK(done() == fixture::dones{{4, 0}});
}

TEST_CASE_FIXTURE(fixture, "an idle lane that is closed disturbs nobody") {
  give({3, 1}, 0, 0, 1);
  deliver_all();
  advance(milliseconds{100});
  send(producer, close_lane{{3, 1}});
  CHECK(coordinator->count("abort") == 0);
  give({3, 1}, 1, 1, 1);
  CHECK(broker->sent.size() == 1);
  give({3, 2}, 0, 1, 1);
  CHECK(broker->sent.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a record refused alone is repaired, and its batch committed") {
  give({3, 1}, 0, 0, 3);
  broker->refuse(1);
  run();
  CHECK(coordinator->calls.back() == "abort");
  CHECK(error_router.count<refused_records>() == 0);
  // The suspect goes alone, without a neighbour in its request.
  for (int i = 0; i < 2 && error_router.count<refused_records>() == 0; ++i) {
    while (!broker->refuse(1)) deliver_all();
    run();
    advance(milliseconds{500});
  }
  REQUIRE(error_router.count<refused_records>() == 1);
  auto refused = error_router.take<refused_records>();
  REQUIRE(refused.failures.size() == 1);
  CHECK(refused.failures[0].slot == 1);
  event::write_error_record(*refused.batch, refused.failures[0], "w", 0);
  advance(milliseconds{500});
  CHECK(coordinator->count("offsets 3:3") == 0);
  const auto before = broker->sent.size();
  send(refused.reply_to, repaired_records{refused.batch});
  for (int i = 0; i < 4; ++i) deliver_all();
  advance(milliseconds{100});
  CHECK(broker->offsets_sent(before, core::output_topic::errors) == offsets{1});
  CHECK(coordinator->count("offsets 3:3") == 1);
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a record refused before the client broke is repaired all the same") {
  give({3, 1}, 0, 0, 1);
  broker->refuse(0);
  run();
  coordinator->failures.push_back({"abort", {transaction_failure::fatal, {-150, "fatal", false}}});
  REQUIRE(broker->refuse(0));  // Alone.
  run();
  advance(milliseconds{500});
  CHECK(figures->rebuilds.get() == 1);
  CHECK(error_router.count<refused_records>() == 1);
}

TEST_CASE_FIXTURE(fixture, "a repair is asked for once, however often all is sent again") {
  give({3, 1}, 0, 0, 1);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(broker->refuse(0));
    run();
  }
  REQUIRE(error_router.count<refused_records>() == 1);
  const auto aborts = coordinator->count("abort");
  give({4, 1}, 0, 7, 1);
  REQUIRE(broker->fail(7));
  run();
  advance(milliseconds{500});
  CHECK(coordinator->count("abort") == aborts + 1);
  CHECK(error_router.count<refused_records>() == 1);
}

TEST_CASE_FIXTURE(fixture, "a fatal error replaces the client and sends the same batches again") {
  give({3, 1}, 0, 0, 2);
  break_client(-150);
  CHECK(broker->clients == 1);
  advance(milliseconds{100});
  CHECK(broker->clients == 2);
  CHECK(coordinator->calls == texts{"open", "open"});
  CHECK(figures->rebuilds.get() == 1);
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
  broker->sent.erase(broker->sent.begin(), broker->sent.begin() + 2);  // Went with their client.
  deliver_all();
  advance(milliseconds{100});
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a commit in doubt that the offsets prove is not sent again") {
  give({3, 1}, 0, 0, 2);
  commit_up_to_the_answer();
  coordinator->answers_itself = true;
  lookup->committed = {{3, 2}};
  fail(transaction_failure::fatal, -150);
  CHECK(done().empty());
  advance(milliseconds{100});
  CHECK(broker->clients == 2);
  CHECK(done() == fixture::dones{{3, 0}});
  CHECK(broker->sent.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a commit in doubt that the offsets disprove is sent again") {
  give({3, 1}, 0, 5, 2);
  commit_up_to_the_answer();
  coordinator->answers_itself = true;
  lookup->committed = {{3, 5}};
  fail(transaction_failure::fatal, -150);
  advance(milliseconds{100});
  CHECK(done().empty());
  CHECK(broker->offsets_sent(2) == offsets{5, 6});
  deliver_all();
  advance(milliseconds{100});
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a commit in doubt is asked for until somebody knows") {
  give({3, 1}, 0, 0, 2);
  commit_up_to_the_answer();
  coordinator->answers_itself = true;
  lookup->answers_itself = false;
  fail(transaction_failure::fatal, -150);
  advance(milliseconds{100});
  REQUIRE(lookup->questions.size() == 1);
  lookup->answer_with(std::nullopt);
  run();
  REQUIRE(lookup->questions.size() == 1);
  lookup->committed = {{3, 2}};
  lookup->answer();
  run();
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a fenced producer writes no more and tells the worker") {
  give({3, 1}, 0, 0, 2);
  break_client(code_of(error_kind::producer_fenced));
  REQUIRE(worker.count<messages::producer_fenced>() == 1);
  CHECK(worker.take<messages::producer_fenced>().transactional_id == "group-w1-0");
  CHECK(log.with({"fenced", "transactional_id=group-w1-0"}).size() == 1);
  give({3, 1}, 1, 2, 2);
  advance(milliseconds{10'000});
  CHECK(broker->sent.size() == 2);
  CHECK(broker->clients == 1);
  CHECK(done().empty());
}

TEST_CASE_FIXTURE(fixture, "a transaction that its coordinator gave up is no fence") {
  give({3, 1}, 0, 0, 2);
  advance(milliseconds{10'000});
  break_client(code_of(error_kind::producer_fenced));
  advance(milliseconds{1000});
  CHECK(worker.count<messages::producer_fenced>() == 0);
  CHECK(broker->clients == 2);
  CHECK(broker->offsets_sent(2) == offsets{0, 1});
}

TEST_CASE_FIXTURE(fixture, "a late answer of a client that was replaced counts for nothing") {
  coordinator->answers_itself = false;
  answer();  // open
  give({3, 1}, 0, 0, 1);
  deliver_all();
  break_client(-150);
  advance(milliseconds{100});
  REQUIRE(broker->clients == 2);
  send(producer, transaction_answered{1, std::nullopt});
  CHECK(broker->sent.size() == 1);
  answer();  // open
  CHECK(broker->sent.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "records wait for room in the queue, and the commit for them") {
  broker->queue_max = 2;
  give({3, 1}, 0, 0, 5);
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open"});
  for (int i = 0; i < 3; ++i) deliver_all();
  CHECK(coordinator->calls == texts{"open", "offsets 3:5", "commit"});
}
