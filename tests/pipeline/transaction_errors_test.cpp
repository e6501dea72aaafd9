// What a coordinator may answer, and what becomes of the transaction.
//
// The embedded broker enforces nothing: a reader sees what was aborted, and offsets of transactions
// are not kept. So these tests show which way each error takes, not that it is exactly-once.
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

constexpr std::int16_t api_add_offsets = 25;
constexpr std::int16_t api_end_transaction = 26;
constexpr std::int16_t api_offset_commit = 28;
constexpr std::size_t count = 50;

void make_exact(core::settings& settings) {
  settings.delivery.guarantee = core::guarantee::exactly_once;
  settings.delivery.allow_unenforced = true;
}

const prepared_worker worker{{.name = "transactions", .adjust = make_exact, .own_broker = true}};
const prepared_worker fenced{{.name = "fenced", .adjust = make_exact, .own_broker = true}};
const prepared_worker refused{{.name = "unenforced",
                               .adjust =
                                   [](core::settings& settings) {
                                     make_exact(settings);
                                     settings.delivery.allow_unenforced = false;
                                   },
                               .as_the_program = true,
                               .ends_with = 78}};

/// Origins of what a batch of inputs became, in the order it was written, aborted or not.
std::vector<std::int64_t> pass(std::size_t inputs) {
  const auto before = worker->counts().finished;
  worker->send(good_inputs(inputs));
  REQUIRE(eventually(
      [&] { return worker->counts().finished == before + static_cast<std::int64_t>(inputs); }));
  return origins_of(worker->read_new().processed);
}

TEST_CASE("a coordinator that is not there for a moment aborts nothing") {
  const auto before = worker->counts();
  worker->fail_anywhere(api_end_transaction, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                              RD_KAFKA_RESP_ERR_NOT_COORDINATOR});
  worker->fail_anywhere(api_add_offsets, {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE});
  CHECK(pass(count).size() == count);
  CHECK(worker->counts().aborts == before.aborts);
  CHECK(worker->counts().transactions > before.transactions);
}

TEST_CASE("offsets that are refused abort the transaction, and its batches go again in order") {
  const auto before = worker->counts();
  worker->fail_anywhere(api_offset_commit, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});
  const auto written = pass(count);
  REQUIRE(written.size() == 2 * count);
  CHECK(std::equal(written.begin(), written.begin() + count, written.begin() + count));
  CHECK(worker->counts().aborts == before.aborts + 1);
  CHECK(worker->counts().rebuilds == before.rebuilds);
}

TEST_CASE("a delivery that fails aborts the transaction, and its batches go again") {
  const auto before = worker->counts();
  worker->fail_produce({RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS});
  const auto written = pass(count);
  REQUIRE(written.size() >= count);
  CHECK(std::vector<std::int64_t>(written.end() - count, written.end()) ==
        consecutive(written.front(), count));
  // Here librdkafka 2.0.2 also purges what is sent next, once: more than one abort.
  CHECK(worker->counts().aborts > before.aborts);
}

TEST_CASE("a commit in doubt is resolved by the committed offsets, with a new producer") {
  const auto before = worker->counts();
  worker->fail_anywhere(api_end_transaction, {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE});
  const auto log_start = fleet_log().size();
  CHECK(pass(count).size() == 2 * count);
  CHECK(worker->counts().rebuilds == before.rebuilds + 1);
  CHECK(fleet_log().await("transaction in doubt resolved", log_start, patience));
}

TEST_CASE("a fenced worker writes no more and ends with code 76") {
  fenced->fail_anywhere(api_end_transaction, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  fenced->send(good_inputs(count));
  CHECK(fenced->await_end() == 76);
  CHECK(fenced->counts().finished == 0);
}

TEST_CASE("exactly-once is refused on a broker that does not enforce it") {
  CHECK(refused->await_end() == 78);
  CHECK(fleet_log().await("delivery.allow_unenforced", 0, patience));
}

}  // namespace
}  // namespace turnstile::tests
