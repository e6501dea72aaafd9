// Commits that fail: the offsets get there in the end, without anybody's help.
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

const prepared_worker worker{{.name = "commit-failure", .adjust = [](core::settings& s) {
                                // How long the broker waits for the member that is no more.
                                s.kafka.consumer["session.timeout.ms"] = "4000";
                              }}};

constexpr std::size_t count = 50;

TEST_CASE("commits go on after the coordinator moved, and nothing is written twice") {
  const auto start = std::max<std::int64_t>(0, worker->committed());
  const auto losses = worker->counts().losses;
  worker->fail_commit({RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                       RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE});
  const auto out = worker->process(good_inputs(count));
  CHECK(origins_of(out.processed) == consecutive(start, count));
  CHECK(worker->counts().losses == losses);
}

TEST_CASE("a member that the group forgot joins again and repeats only what was not committed") {
  static_cast<void>(worker->process(good_inputs(count)));
  const auto start = worker->committed();
  const auto before = worker->counts();
  worker->fail_commit({RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID});
  const auto out = worker->process(good_inputs(count));
  CHECK(first_origins(out.processed) == consecutive(start, count));
  CHECK(worker->counts().commit_failures > before.commit_failures);
}

}  // namespace
}  // namespace turnstile::tests
