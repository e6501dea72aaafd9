// Every kind of request answered with every error that a broker has for it: whatever comes, each
// input is accounted for in order, without help. Several requests are in flight, as in production.
#include <set>

#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

constexpr std::size_t count = 200;

/// Small requests, so that one is under way when an error meets another; a short session, so that
/// the broker soon forgets a member that is no more.
void be_hasty(core::settings& s) {
  s.batch.records_max = 10;
  s.kafka.producer["batch.num.messages"] = "20";
  s.kafka.consumer["session.timeout.ms"] = "4000";
  s.kafka.consumer["heartbeat.interval.ms"] = "200";
  s.drain.timeout_ms = 1000;
}

// Errors are injected by request and broker: nobody else may meet them.
const prepared_worker worker{{.name = "protocol-errors", .adjust = be_hasty, .own_broker = true}};

constexpr auto disconnect = RD_KAFKA_RESP_ERR__TRANSPORT;
constexpr auto timed_out = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
constexpr auto not_leader = RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
constexpr auto not_coordinator = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
constexpr auto no_coordinator = RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
constexpr auto loading = RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
constexpr auto illegal_generation = RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
constexpr auto unknown_member = RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID;
constexpr auto rebalancing = RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;

/// What makes the worker send a request that it sends seldom.
struct prelude {
  request kind = request::none;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};
constexpr prelude rejoin{request::heartbeat, unknown_member};
constexpr prelude ask_for_coordinator{request::heartbeat, not_coordinator};
constexpr prelude rebuild{request::produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER};

struct row {
  const char* name;
  request kind;
  std::vector<rd_kafka_resp_err_t> errors;  ///< One after the other, each met.
  prelude first = {};
};

// No Metadata: librdkafka's mock (2.0.2) answers it without looking for injected errors.
const std::vector<row> rows{
    {"Produce: not leader", request::produce, {not_leader, not_leader}},
    {"Produce: timed out", request::produce, {timed_out, timed_out}},
    {"Produce: disconnect", request::produce, {disconnect, disconnect}},
    {"Produce: too few replicas",
     request::produce,
     {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND}},
    {"Produce: unknown topic", request::produce, {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}},
    {"Produce: not authorised", request::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED}},
    {"Fetch: not leader", request::fetch, {not_leader}},
    {"Fetch: timed out", request::fetch, {timed_out}},
    {"Fetch: disconnect", request::fetch, {disconnect}},
    {"Fetch: unknown topic", request::fetch, {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}},
    {"OffsetCommit: coordinator elsewhere, absent or loading",
     request::offset_commit,
     {not_coordinator, no_coordinator, loading}},
    {"OffsetCommit: timed out", request::offset_commit, {timed_out}},
    {"OffsetCommit: disconnect", request::offset_commit, {disconnect}},
    {"OffsetCommit: rebalancing", request::offset_commit, {rebalancing}},
    {"OffsetCommit: illegal generation", request::offset_commit, {illegal_generation}},
    {"Heartbeat: coordinator elsewhere or absent",
     request::heartbeat,
     {not_coordinator, no_coordinator}},
    {"Heartbeat: disconnect", request::heartbeat, {disconnect}},
    {"Heartbeat: rebalancing", request::heartbeat, {rebalancing}},
    {"Heartbeat: illegal generation", request::heartbeat, {illegal_generation}},
    {"JoinGroup: coordinator elsewhere, loading or gone",
     request::join_group,
     {not_coordinator, loading, disconnect},
     rejoin},
    {"JoinGroup: unknown member", request::join_group, {unknown_member}, rejoin},
    {"SyncGroup: coordinator elsewhere", request::sync_group, {not_coordinator}, rejoin},
    {"SyncGroup: illegal generation, rebalancing",
     request::sync_group,
     {illegal_generation, rebalancing},
     rejoin},
    {"SyncGroup: disconnect", request::sync_group, {disconnect}, rejoin},
    {"FindCoordinator: absent, timed out, disconnect",
     request::find_coordinator,
     {no_coordinator, timed_out, disconnect},
     ask_for_coordinator},
    {"InitProducerId: loading, timed out, disconnect",
     request::init_producer_id,
     {loading, timed_out, disconnect},
     rebuild},
};

TEST_CASE("whatever error a request meets, every input is accounted for in order") {
  for (const auto& row : rows) {
    SUBCASE(row.name) {
      const auto start = std::max<std::int64_t>(0, worker->committed());
      worker->fail_requests(row.kind, row.errors);
      if (row.first.kind != request::none) worker->fail_requests(row.first.kind, {row.first.error});
      const auto out = worker->process(good_inputs(count));
      // The last of each, because what may have arrived before is sent again in order.
      CHECK(last_origins(out.processed) == consecutive(start, count));
      CHECK(out.errors.empty());
      CHECK_MESSAGE(eventually([&] { return worker->errors_met(row.kind); }),
                    "not every error was met");
      worker->await_all_committed();
    }
  }
}

}  // namespace
}  // namespace turnstile::tests
