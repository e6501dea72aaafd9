// The worker with all its real actors, on fakes of Kafka.
#include "actors/worker.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fake_transactions.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

class copying_transform final : public core::record_transform {
public:
  void apply(const core::record_view& in, core::record_batch& batch, std::int64_t) override {
    auto out = carry(in, batch.memory);
    out.value = batch.memory.copy(*in.value);
    batch.outputs.push_back(out);
  }
};

struct fixture : actor_fixture {
  log_capture log;
  std::shared_ptr<fake_group_client> client = std::make_shared<fake_group_client>();
  std::shared_ptr<fake_lookup> lookup = std::make_shared<fake_lookup>();
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  std::shared_ptr<fake_coordinator> coordinator = std::make_shared<fake_coordinator>(broker);
  std::shared_ptr<core::settings> settings = std::make_shared<core::settings>();
  std::shared_ptr<figures::registry> figures;
  std::shared_ptr<bool> clock_throws = std::make_shared<bool>(false);
  std::shared_ptr<std::vector<int>> exit_codes = std::make_shared<std::vector<int>>();
  worker_actor worker;

  explicit fixture(core::guarantee guarantee = core::guarantee::at_least_once) {
    settings->delivery.guarantee = guarantee;
    settings->transaction = {100, 1000, 1'000'000, 10'000};
    settings->topics.input = "user-login";
    settings->summary.every = 1000;
    settings->summary.distinct_values_max = 100;
    settings->producer.retry_backoff_ms = 100;
    settings->producer.retry_backoff_max_ms = 1000;
    settings->metrics.interval_ms = 10'000;
    settings->commit.interval_ms = 100;
    settings->drain.timeout_ms = 5000;
    settings->shutdown.timeout_ms = 25'000;
    settings->batch.records_max = 100;
    // The fakes behind transactional producers serve one.
    figures = std::make_shared<figures::registry>(2, core::exactly_once(*settings) ? 1 : 2);
    actors::worker_args args;
    args.settings = settings;
    args.worker_id = "w1";
    args.group_client = client;
    args.lookup = lookup;
    args.make_delivery_client = broker->factory();
    args.make_transaction_client = coordinator->factory();
    args.versions = core::one_version([] { return std::make_unique<copying_transform>(); });
    args.layout = layout_of(4);
    lookup->layout = args.layout;
    args.credit_total = {10'000, 100'000'000};
    args.figures = figures;
    args.now_s = [fails = clock_throws]() -> std::int64_t {
      if (*fails) throw std::runtime_error("no clock");
      return 1729894460;
    };
    args.ended = [codes = exit_codes](int code) { codes->push_back(code); };
    worker = spawn(actors::worker, std::move(args));
    run();
    client->happen(kafka_io::partitions_assigned{{0, 1}, std::make_shared<int>(0)});
    run();
  }

  /// The broker acknowledges until nothing is under way.
  void acknowledge() {
    while (broker->deliver_all() > 0) run();
  }
  void leave() {
    client->is_closed = true;
    advance(milliseconds{100});
  }
};

struct exactly_once_fixture : fixture {
  exactly_once_fixture() : fixture(core::guarantee::exactly_once) {}
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a record passes through all actors to its commit") {
  client->sources.at(1)->push(3);
  run();
  CHECK(broker->offsets_sent() == std::vector<std::int64_t>{0, 1, 2});
  CHECK(broker->sent[0].partition == 1);
  acknowledge();
  advance(milliseconds{100});
  CHECK(client->calls.back() == "commit 1:3");
  CHECK(figures->summary->received.get() == 3);
}

TEST_CASE_FIXTURE(fixture,
                  "a stop drains, commits, publishes the summary and leaves, in this order") {
  client->sources.at(0)->push(10);
  run();
  send(worker, request_stop{"test"});
  CHECK(client->calls_of("commit").empty());
  acknowledge();
  CHECK(client->calls_of("commit") == std::vector<std::string>{"commit 0:10"});
  CHECK(broker->offsets_sent(0, core::output_topic::summary).size() == 1);
  CHECK(client->calls.back() == "close");
  CHECK(exit_codes->empty());
  leave();
  CHECK(*exit_codes == std::vector<int>{0});
}

TEST_CASE_FIXTURE(fixture, "the group is left only after the last summary's acknowledgement") {
  send(worker, request_stop{"test"});
  CHECK(broker->offsets_sent(0, core::output_topic::summary).size() == 1);
  CHECK(client->calls_of("close").empty());
  acknowledge();
  CHECK(client->calls_of("close").size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a second request to stop changes nothing") {
  send(worker, request_stop{"test"});
  send(worker, request_stop{"again"});
  acknowledge();
  leave();
  CHECK(*exit_codes == std::vector<int>{0});
  CHECK(log.with({"worker stops"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "every actor has ended after the stop") {
  const auto ended = watch_end(worker);
  send(worker, request_stop{"test"});
  acknowledge();
  leave();
  CHECK(*ended);
  CHECK_FALSE(client->sources.at(0)->has_wake());
  CHECK(log.with({"actor died"}).empty());
  CHECK(log.with({"metrics", "actor=process"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "what is never acknowledged ends the stop at its deadline, uncommitted") {
  client->sources.at(0)->push(10);
  run();
  send(worker, request_stop{"test"});
  advance(milliseconds{24'900});
  CHECK(exit_codes->empty());
  advance(milliseconds{200});
  CHECK(*exit_codes == std::vector<int>{70});
  CHECK(client->calls_of("commit").empty());
  CHECK(log.with({"stop deadline passed"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the death of an actor drains the others and ends with code 70") {
  client->sources.at(0)->push(10);
  run();
  acknowledge();
  *clock_throws = true;
  client->sources.at(1)->push(10);
  run();
  CHECK(log.with({"actor died", "actor=transformer"}).size() == 1);
  client->sources.at(0)->push(10);
  advance(milliseconds{100});
  CHECK(client->calls_of("commit") == std::vector<std::string>{"commit 0:10"});
  CHECK(client->sources.at(0)->waiting() == 10);
  CHECK(exit_codes->empty());
  *clock_throws = false;
  advance(milliseconds{5100});
  acknowledge();
  CHECK(client->calls.back() == "close");
  leave();
  CHECK(*exit_codes == std::vector<int>{70});
  CHECK(client->calls_of("commit").size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the worker's own death ends everyone, with code 70") {
  caf::anon_send_exit(caf::actor_cast<caf::actor>(worker), caf::exit_reason::kill);
  run();
  CHECK(*exit_codes == std::vector<int>{70});
  CHECK_FALSE(client->sources.at(0)->has_wake());
}

TEST_CASE_FIXTURE(fixture, "a fatal error of the consumer stops the worker with code 70") {
  client->happen(kafka_io::client_error{{-150, "fenced", false}, true});
  run();
  acknowledge();
  leave();
  CHECK(*exit_codes == std::vector<int>{70});
  CHECK(log.with({"worker stops", "consumer failed: fenced"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a member whose place another one took stops with code 76") {
  client->happen(
      kafka_io::client_error{{code_of(error_kind::member_fenced), "fenced", false}, true});
  run();
  acknowledge();
  leave();
  CHECK(*exit_codes == std::vector<int>{76});
}

TEST_CASE_FIXTURE(exactly_once_fixture, "with exactly-once offsets go with the outputs alone") {
  client->sources.at(1)->push(3);
  run();
  acknowledge();
  advance(milliseconds{100});
  CHECK(coordinator->calls == std::vector<std::string>{"open", "offsets 1:3", "commit"});
  advance(milliseconds{1000});
  CHECK(client->calls_of("commit").empty());
  CHECK(figures->summary->received.get() == 3);
}

TEST_CASE_FIXTURE(exactly_once_fixture,
                  "with exactly-once a stop waits for no interval and commits the last summary") {
  client->sources.at(0)->push(10);
  run();
  send(worker, request_stop{"test"});
  acknowledge();
  CHECK(coordinator->calls == std::vector<std::string>{"open", "offsets 0:10", "commit", "commit"});
  CHECK(broker->offsets_sent(0, core::output_topic::summary).size() == 1);
  leave();
  CHECK(*exit_codes == std::vector<int>{0});
}

TEST_CASE_FIXTURE(exactly_once_fixture, "a fenced worker leaves the group at once, with code 76") {
  client->sources.at(0)->push(10);
  run();
  broker->fatal = kafka_io::io_error{code_of(error_kind::producer_fenced), "fenced", false};
  broker->wake();
  run();
  CHECK(client->calls_of("close").size() == 1);
  CHECK(log.with({"worker stops", "cause=fenced", "transactional_id=group-w1-0"}).size() == 1);
  client->revoked({0, 1});
  run();
  CHECK(client->calls_of("unassign") == std::vector<std::string>{"unassign 0 1"});
  leave();
  CHECK(*exit_codes == std::vector<int>{76});
}

TEST_CASE_FIXTURE(fixture,
                  "each actor is asked for a sign of life, again and again, and gives it") {
  const auto forget = [this] {
    for (auto* life : {&figures->worker->life, &figures->group->life, &figures->error_router->life,
                       &figures->summary->life, figures->reporter.get(),
                       &figures->transformers[1]->life, &figures->producers[1]->life})
      life->seen_ms.set(0);
  };
  const auto all_seen = [this] {
    const auto signs = figures->signs_of_life();
    CHECK(signs.size() == 5 + 2 + 2 + 2);
    return std::ranges::none_of(signs, [](const auto& sign) { return sign.seen_ms == 0; });
  };
  advance(milliseconds{5'000});
  CHECK(all_seen());
  forget();
  CHECK_FALSE(all_seen());
  advance(milliseconds{5'000});
  CHECK(all_seen());
}

TEST_CASE_FIXTURE(fixture, "the worker's phase, its membership and its producers' are figures") {
  const auto phase = [this] {
    return static_cast<core::worker_phase>(figures->worker->phase.get());
  };
  CHECK(phase() == core::worker_phase::running);
  CHECK(figures->group->membership.get() ==
        static_cast<std::int64_t>(core::group_membership::joined));
  CHECK(figures->producers[0]->phase.get() ==
        static_cast<std::int64_t>(core::producer_phase::sending));
  client->sources.at(0)->push(1);
  run();
  send(worker, request_stop{"test"});
  CHECK(phase() == core::worker_phase::draining);
  acknowledge();
  CHECK(phase() == core::worker_phase::leaving);
  CHECK(figures->group->membership.get() ==
        static_cast<std::int64_t>(core::group_membership::left));
  leave();
  CHECK(phase() == core::worker_phase::ended);
}
