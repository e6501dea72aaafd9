// A partition_consumer between a fake source and probes in the place of all it talks to.
//
// Owned by one test, on its thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <doctest/doctest.h>

#include "actors/partition_consumer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fakes.hpp"

namespace turnstile::tests {

using namespace messages;

struct partition_fixture : actor_fixture {
  probe<raw_batch> transformer = spawn_probe<raw_batch>();
  probe<finished_batch> summary = spawn_probe<finished_batch>();
  probe<offset_advanced, drained> group = spawn_probe<offset_advanced, drained>();
  std::shared_ptr<fake_partition_source> source = std::make_shared<fake_partition_source>();
  std::shared_ptr<fake_lookup> lookup = std::make_shared<fake_lookup>();
  std::shared_ptr<core::partition_figures> figures =
      std::make_shared<core::partition_figures>(core::partition_epoch{3, 7});
  std::optional<std::chrono::milliseconds> in_flight_age_max;
  std::int64_t begin = -1;
  kafka_io::batch_survey survey;
  std::shared_ptr<core::version_board> versions = core::one_version(nullptr);
  partition_consumer_actor consumer;

  void start(set_credit credit = {1000, 10'000'000}, std::size_t batch_records_max = 100,
             std::size_t transformers = 1) {
    actors::partition_consumer_args args;
    args.source = {3, 7};
    args.begin = begin;
    args.records = source;
    args.lookup = lookup;
    args.layout = layout_of(8);
    args.versions = versions;
    args.figures = figures;
    args.transformers.assign(transformers, transformer.actor());
    args.summary = summary.actor();
    args.group = group.actor();
    args.credit = credit;
    args.batch_records_max = batch_records_max;
    args.in_flight_age_max = in_flight_age_max;
    args.survey = survey;
    consumer = spawn(actors::partition_consumer, std::move(args));
    run();
  }

  /// The batch with that number comes back from the producer.
  void finish(std::uint64_t seq) {
    auto batch = batch_numbered(seq);
    pass_through(*batch);
    send(consumer, batch_done{batch});
  }
  core::batch_ptr batch_numbered(std::uint64_t seq) {
    for (const auto& raw : transformer.got<raw_batch>())
      if (raw.batch->seq == seq) return raw.batch;
    FAIL("no batch " << seq);
    return nullptr;
  }
  std::size_t batches_read() { return transformer.count<raw_batch>(); }
  std::size_t records_read() {
    std::size_t records = 0;
    for (const auto& raw : transformer.got<raw_batch>())
      records += raw.batch->inputs.size() + raw.batch->outputs.size();  // One of them is empty.
    return records;
  }
  std::int64_t reported() {
    const auto& all = group.got<offset_advanced>();
    return all.empty() ? -1 : all.back().next_offset;
  }
};

}  // namespace turnstile::tests
