// A change of what batches are made with: at the boundary of a batch, and of a transaction.
#include <algorithm>

#include "tests/actors/partition_fixture.hpp"
#include "tests/actors/transaction_fixture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

using texts = std::vector<std::string>;
using offsets = std::vector<std::int64_t>;

std::shared_ptr<const core::transform_version> version(std::uint64_t generation) {
  return std::make_shared<const core::transform_version>(core::transform_version{
      .generation = generation, .key_id = std::to_string(generation), .make = nullptr});
}

struct switching : transaction_fixture {
  void give(core::partition_epoch source, std::uint64_t seq, std::int64_t first_offset,
            std::uint64_t generation) {
    auto batch = batch_of(source, seq, first_offset, 2);
    if (generation > 0) batch->version = version(generation);
    transaction_fixture::give(batch);
  }
  void deliver_and_commit() {
    deliver_all();
    advance(milliseconds{100});
  }
  offsets sent_from(std::size_t n) { return broker->offsets_sent(n); }
};

}  // namespace

TEST_CASE_FIXTURE(partition_fixture, "a batch has the version that was in force when it was read") {
  start({1000, 10'000'000}, 4);
  source->push(10);
  run();
  versions->put(version(2));
  source->push(4);
  run();
  std::vector<std::uint64_t> generations;
  for (std::uint64_t seq = 0; seq < batches_read(); ++seq)
    generations.push_back(batch_numbered(seq)->generation());
  CHECK(generations == std::vector<std::uint64_t>{1, 1, 1, 2});
}

TEST_CASE_FIXTURE(switching, "a batch of a later version ends the transaction, and waits") {
  give({3, 1}, 0, 0, 1);
  give({3, 1}, 1, 2, 2);
  CHECK(sent_from(0) == offsets{0, 1});
  deliver_all();  // No interval has passed.
  CHECK(coordinator->calls == texts{"open", "offsets 3:2", "commit"});
  CHECK(sent_from(2) == offsets{2, 3});
  deliver_and_commit();
  CHECK(coordinator->calls == texts{"open", "offsets 3:2", "commit", "offsets 3:4", "commit"});
  CHECK(done() == dones{{3, 0}, {3, 1}});
}

TEST_CASE_FIXTURE(switching, "what is there of the version goes before the transaction ends") {
  coordinator->answers_itself = false;
  give({3, 1}, 0, 0, 1);
  deliver_all();
  advance(milliseconds{100});  // Closing: all that comes waits.
  give({4, 1}, 0, 0, 1);
  give({3, 1}, 1, 2, 2);
  give({5, 1}, 0, 0, 1);
  coordinator->answers_itself = true;
  answer();
  deliver_all();
  CHECK(coordinator->calls == texts{"open", "offsets 3:2", "commit", "offsets 4:2 5:2", "commit"});
  deliver_and_commit();
  CHECK(coordinator->calls.size() == 7);
  CHECK(coordinator->calls[5] == "offsets 3:4");
}

TEST_CASE_FIXTURE(switching, "a later batch that overtook an earlier one waits for its own turn") {
  give({3, 1}, 1, 2, 2);  // Of another transformer, which was quicker.
  CHECK(broker->sent.empty());
  give({3, 1}, 0, 0, 1);
  run();
  CHECK(sent_from(0) == offsets{0, 1});
  deliver_all();
  advance(milliseconds{100});
  REQUIRE(coordinator->count("offsets 3:2") == 1);
  CHECK(sent_from(2) == offsets{2, 3});
  deliver_and_commit();
  CHECK(coordinator->count("offsets 3:4") == 1);
  CHECK(done() == dones{{3, 0}, {3, 1}});
}

TEST_CASE_FIXTURE(switching, "after an abort too a transaction has one version") {
  give({3, 1}, 0, 0, 1);
  give({4, 1}, 0, 0, 1);
  give({3, 1}, 1, 2, 2);
  give({4, 1}, 1, 2, 2);
  broker->fail(0);
  run();
  advance(milliseconds{200});
  REQUIRE(coordinator->count("abort") == 1);
  for (int n = 0; n < 4; ++n) deliver_and_commit();
  const texts rest(std::ranges::find(coordinator->calls, "abort"), coordinator->calls.end());
  CHECK(rest == texts{"abort", "offsets 3:2 4:2", "commit", "offsets 3:4 4:4", "commit"});
}

TEST_CASE_FIXTURE(switching, "a summary goes with any version") {
  give({3, 1}, 0, 0, 1);
  transaction_fixture::give(summary_batch(0, 2));
  give({3, 1}, 1, 2, 1);
  deliver_all();
  CHECK(coordinator->calls == texts{"open"});
  advance(milliseconds{100});
  CHECK(coordinator->calls == texts{"open", "offsets 3:4", "commit"});
}
