// A transactional_producer with a coordinator and a broker that do what the test says.
//
// Base of its tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "actors/transactional_producer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fake_transactions.hpp"
#include "tests/support/log_capture.hpp"

namespace turnstile::tests {

inline kafka_io::membership some_member() { return std::make_shared<int>(0); }

struct transaction_fixture : actor_fixture {
  using dones = std::vector<std::pair<std::optional<std::int32_t>, std::uint64_t>>;

  log_capture log;
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  std::shared_ptr<fake_coordinator> coordinator = std::make_shared<fake_coordinator>(broker);
  std::shared_ptr<fake_lookup> lookup = std::make_shared<fake_lookup>();
  std::shared_ptr<core::producer_figures> figures = std::make_shared<core::producer_figures>();
  probe<messages::failed_batch, messages::refused_records> error_router =
      spawn_probe<messages::failed_batch, messages::refused_records>();
  probe<messages::producer_fenced> worker = spawn_probe<messages::producer_fenced>();
  probe<messages::batch_done> owner = spawn_probe<messages::batch_done>();
  messages::transactional_producer_actor producer =
      spawn(actors::transactional_producer, arguments());

  transaction_fixture() {
    run();
    send(producer, messages::membership_changed{some_member()});
  }

  actors::transactional_producer_args arguments() {
    actors::transactional_producer_args args;
    args.make_client = coordinator->factory();
    args.lookup = lookup;
    args.error_router = error_router.actor();
    args.worker = worker.actor();
    args.figures = figures;
    args.limits = {milliseconds{100}, 1000, 1'000'000, milliseconds{10'000}};
    args.backoff = {milliseconds{100}, milliseconds{5000}};
    return args;
  }

  void give(core::batch_ptr batch) {
    send(producer, messages::transformed_batch{std::move(batch), owner.actor()});
  }
  void give(core::partition_epoch source, std::uint64_t seq, std::int64_t first_offset,
            std::size_t count) {
    give(batch_of(source, seq, first_offset, count));
  }
  void deliver_all() {
    broker->deliver_all();
    run();
  }
  void answer() {
    coordinator->answer();
    run();
  }
  void fail(kafka_io::transaction_failure kind, kafka_io::error_code code = -1) {
    coordinator->fail(kind, code);
    run();
  }
  void break_client(kafka_io::error_code code) {
    broker->fatal = kafka_io::io_error{code, "fatal", false};
    broker->wake();
    run();
  }
  dones done() {
    dones all;
    for (const auto& d : owner.got<messages::batch_done>())
      all.emplace_back(d.batch->source.partition(), d.batch->seq);
    return all;
  }
  /// Up to where a commit of what was given has been asked for.
  void commit_up_to_the_answer() {
    coordinator->answers_itself = false;
    deliver_all();
    advance(milliseconds{100});
    answer();  // The offsets.
    REQUIRE(coordinator->calls.back() == "commit");
  }
};

}  // namespace turnstile::tests
