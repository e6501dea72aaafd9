// A group_consumer with real partition_consumers, and probes in place of everyone else.
//
// Base of the group_consumer's tests. Batches end in `transformer`; `finish` sends them back as the
// producer would.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "actors/group_consumer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/log_capture.hpp"

namespace turnstile::tests {

struct group_fixture : actor_fixture {
  using texts = std::vector<std::string>;

  std::shared_ptr<fake_group_client> client = std::make_shared<fake_group_client>();
  std::shared_ptr<fake_lookup> lookup = std::make_shared<fake_lookup>();
  std::shared_ptr<core::group_figures> figures = std::make_shared<core::group_figures>();
  probe<messages::raw_batch> transformer = spawn_probe<messages::raw_batch>();
  probe<messages::transformed_batch, messages::repaired_records, messages::wake,
        messages::close_lane, messages::retry_tick, messages::layout_described>
      producer =
          spawn_probe<messages::transformed_batch, messages::repaired_records, messages::wake,
                      messages::close_lane, messages::retry_tick, messages::layout_described>();
  probe<messages::finished_batch, messages::batch_done, messages::publish_last> summary =
      spawn_probe<messages::finished_batch, messages::batch_done, messages::publish_last>();
  probe<messages::tick, messages::watch_tick, messages::partition_opened,
        messages::partition_closed, messages::report_last>
      reporter = spawn_probe<messages::tick, messages::watch_tick, messages::partition_opened,
                             messages::partition_closed, messages::report_last>();
  probe<messages::consumption_ended, messages::group_left, messages::actor_ended,
        messages::consumer_failed>
      worker = spawn_probe<messages::consumption_ended, messages::group_left, messages::actor_ended,
                           messages::consumer_failed>();
  /// In the producer's place, where a test sets it.
  messages::transactional_producer_actor transactional;
  messages::group_consumer_actor group;

  bool credit_is_pooled = false;

  void start(messages::set_credit credit_total = {10'000, 100'000'000}) {
    actors::group_consumer_args args;
    args.client = client;
    args.lookup = lookup;
    args.versions = core::one_version(nullptr);
    args.transformers = {transformer.actor()};
    args.producers = {producer.actor()};
    if (transactional) {
      args.producers = {transactional};
      args.transactional = {transactional};
    }
    args.summary = summary.actor();
    args.reporter = reporter.actor();
    args.worker = worker.actor();
    args.figures = figures;
    args.commit_interval = milliseconds{100};
    args.drain_timeout = milliseconds{3000};
    args.batch_records_max = 100;
    args.credit_total = credit_total;
    args.credit_is_pooled = credit_is_pooled;
    group = spawn(actors::group_consumer, std::move(args));
    run();
  }
  void start_with(std::vector<std::int32_t> partitions) {
    start();
    client->assigned(std::move(partitions));
    run();
  }

  void push(std::int32_t partition, std::size_t count) {
    client->sources.at(partition)->push(count);
    run();
  }
  /// All batches read and not finished yet come back, of one partition where given.
  void finish(std::int32_t partition = -1) {
    std::vector<messages::raw_batch> kept;
    for (auto& raw : std::exchange(transformer.got<messages::raw_batch>(), {})) {
      if (partition >= 0 && raw.batch->source.partition() != partition) {
        kept.push_back(raw);
        continue;
      }
      pass_through(*raw.batch);
      messages::tell(raw.owner, messages::batch_done{raw.batch});
    }
    transformer.got<messages::raw_batch>() = std::move(kept);
    run();
  }
  /// Of the first ten records of partition 0; ten more are read behind it.
  void start_with_commit_under_way() {
    client->commits_itself = false;
    start_with({0});
    push(0, 10);
    finish();
    advance(milliseconds{100});
    push(0, 10);
  }
  [[nodiscard]] texts commits() const { return client->calls_of("commit"); }
  [[nodiscard]] texts unassigns() const { return client->calls_of("unassign"); }
  [[nodiscard]] std::size_t records_read(std::int32_t partition) {
    std::size_t records = 0;
    for (const auto& raw : transformer.got<messages::raw_batch>())
      if (raw.batch->source.partition() == partition) records += raw.batch->inputs.size();
    return records;
  }
  template <class Event>
  void happen(Event event) {
    client->happen(std::move(event));
    run();
  }
  void revoke(std::vector<std::int32_t> partitions) {
    client->revoked(std::move(partitions));
    run();
  }
};

}  // namespace turnstile::tests
