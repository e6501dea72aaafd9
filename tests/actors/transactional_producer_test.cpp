#include "tests/actors/transaction_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;
using fixture = transaction_fixture;
using offsets = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

TEST_CASE_FIXTURE(fixture, "a transaction is offsets, then commit, once all is delivered") {
  give({3, 1}, 0, 0, 3);
  give({4, 1}, 0, 10, 2);
  deliver_all();
  CHECK(coordinator->calls == texts{"open"});
  advance(milliseconds{95});
  CHECK(coordinator->calls == texts{"open"});
  advance(milliseconds{10});
  CHECK(coordinator->calls == texts{"open", "offsets 3:3 4:12", "commit"});
  CHECK(done() == fixture::dones{{3, 0}, {4, 0}});
  CHECK(figures->commits.get() == 1);
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "nothing is answered before the commit") {
  give({3, 1}, 0, 0, 3);
  commit_up_to_the_answer();
  CHECK(done().empty());
  answer();
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "a commit waits for the last delivery, the offsets do not") {
  give({3, 1}, 0, 0, 2);
  broker->deliver(0);
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open", "offsets 3:2"});
  broker->deliver(1);
  run();
  CHECK(coordinator->calls.back() == "commit");
}

TEST_CASE_FIXTURE(fixture, "batches that come while a transaction is closed wait for the next") {
  give({3, 1}, 0, 0, 2);
  commit_up_to_the_answer();
  give({3, 1}, 1, 2, 2);
  CHECK(broker->sent.size() == 2);
  CHECK(figures->queued.get() == 2);
  answer();
  CHECK(broker->offsets_sent(2) == offsets{2, 3});
  CHECK(done() == fixture::dones{{3, 0}});
  coordinator->answers_itself = true;
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls.back() == "commit");
  CHECK(coordinator->count("offsets 3:4") == 1);
}

TEST_CASE_FIXTURE(fixture, "a full transaction is committed at once") {
  give({3, 1}, 0, 0, 999);
  deliver_all();
  CHECK(coordinator->calls.size() == 1);
  give({3, 1}, 1, 999, 1);
  CHECK(coordinator->calls.back() == "offsets 3:1000");
  deliver_all();
  CHECK(coordinator->calls.back() == "commit");
}

TEST_CASE_FIXTURE(fixture, "a drain commits all that is there at once, and what comes after it") {
  give({3, 1}, 0, 0, 2);
  send(producer, commit_soon{true});
  CHECK(coordinator->calls.back() == "offsets 3:2");
  give({3, 1}, 1, 2, 1);
  give({4, 1}, 0, 0, 1);
  deliver_all();
  CHECK(coordinator->calls.back() == "offsets 3:3 4:1");
  deliver_all();
  CHECK(done().size() == 3);
}

TEST_CASE_FIXTURE(fixture, "a summary rides without offsets") {
  auto batch = summary_batch(0);
  batch->outputs[0].topic = core::output_topic::summary;
  give(batch);
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open", "commit"});
  CHECK(done() == fixture::dones{{std::nullopt, 0}});
}

namespace {

/// With two lanes that have too much for one transaction since one failed.
struct held_back_fixture : fixture {
  held_back_fixture() {
    for (std::uint64_t seq = 0; seq < 4; ++seq) give_large({3, 1}, seq);
    for (std::uint64_t seq = 0; seq < 2; ++seq) give_large({4, 1}, seq);
    broker->fail(0);
    run();
    REQUIRE(coordinator->calls.back() == "abort");
    give_large({3, 1}, 4);
    coordinator->calls.clear();
    advance(milliseconds{100});
  }
  void give_large(core::partition_epoch source, std::uint64_t seq) {
    auto batch = batch_of(source, seq, static_cast<std::int64_t>(seq), 1);
    batch->credit_bytes = 40'000;
    give(std::move(batch));
  }
};

}  // namespace

TEST_CASE_FIXTURE(held_back_fixture,
                  "what has no room after an abort goes next, before new batches") {
  deliver_all();
  CHECK(coordinator->calls == texts{"offsets 3:3", "commit"});
  CHECK(done() == dones{{3, 0}, {3, 1}, {3, 2}});
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"offsets 3:3", "commit", "offsets 3:5 4:2", "commit"});
  CHECK(done() == dones{{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {4, 0}, {4, 1}});
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(held_back_fixture,
                  "a lane of which all is held back is closed without an abort") {
  send(producer, close_lane{{4, 1}});
  deliver_all();
  deliver_all();
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"offsets 3:3", "commit", "offsets 3:5", "commit"});
  CHECK(figures->queued.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "what was aborted goes again where a smaller topic has it") {
  lookup->layout = layout_of(2);
  give({3, 1}, 0, 0, 2);
  broker->deliver(0);
  broker->answer(1, kafka_io::delivery_status::failed, -192);
  run();
  CHECK(coordinator->calls == texts{"open", "abort"});
  advance(milliseconds{100});
  REQUIRE(broker->offsets_sent(2) == offsets{0, 1});
  CHECK(broker->sent[2].partition == 1);
  CHECK(broker->sent[3].partition == 1);
  deliver_all();
  advance(milliseconds{100});
  CHECK(done() == fixture::dones{{3, 0}});
}

TEST_CASE_FIXTURE(fixture, "an abort without a failed delivery asks for no layout") {
  lookup->answers_itself = false;
  give({3, 1}, 0, 0, 2);
  send(producer, close_lane{{3, 1}});
  CHECK(coordinator->calls.back() == "abort");
  CHECK(lookup->questions.empty());
}
