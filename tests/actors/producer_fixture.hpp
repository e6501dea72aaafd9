// A producer with a broker and a lookup that do what the test says.
//
// Base of its tests.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "actors/producer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/log_capture.hpp"

namespace turnstile::tests {

struct producer_fixture : actor_fixture {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  std::shared_ptr<core::producer_figures> figures = std::make_shared<core::producer_figures>();
  probe<messages::failed_batch, messages::refused_records> error_router =
      spawn_probe<messages::failed_batch, messages::refused_records>();
  std::shared_ptr<fake_lookup> lookup = std::make_shared<fake_lookup>();
  probe<messages::batch_done> owner = spawn_probe<messages::batch_done>();
  messages::producer_actor producer =
      spawn(actors::producer,
            actors::producer_args{0,
                                  broker->factory(),
                                  lookup,
                                  error_router.actor(),
                                  figures,
                                  {milliseconds{100}, milliseconds{1000}},
                                  {"processed-topic", "errors-topic", "cleaned", "summary"}});

  producer_fixture() {
    lookup->answers_itself = false;
    lookup->layout = layout_of(64);
    run();
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
  void fail_client() {
    broker->fatal = kafka_io::io_error{-150, "fenced", false};
    broker->wake();
    run();
  }
  using dones = std::vector<std::pair<std::optional<std::int32_t>, std::uint64_t>>;
  dones done() {
    dones all;
    for (const auto& d : owner.got<messages::batch_done>())
      all.emplace_back(d.batch->source.partition(), d.batch->seq);
    return all;
  }
};

}  // namespace turnstile::tests
