// Counts finished records and publishes the running summary.
//
// One for each worker, spawned and ended by it. A summary record travels like a batch of its own,
// so it is sent again until the broker has it; it never holds up offsets, so none is larger than
// its topic takes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/transformer.hpp"
#include "core/figures.hpp"
#include "core/log.hpp"
#include "core/summary_tally.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

struct summary_args {
  std::string worker_id;
  std::string input_topic;
  std::int64_t every;
  std::int64_t distinct_values_max;
  std::vector<std::string> counted;  ///< Names of the counts of each counted field.
  messages::producer_actor producer;
  messages::accepts<messages::summary_published> worker;
  std::shared_ptr<const core::topic_layout> layout;  ///< Until a batch brings a newer one.
  std::shared_ptr<core::summary_figures> figures;
  wall_clock now_s;
};

class summary_state {
public:
  static inline const char* name = "summary";
  using self_ptr = messages::summary_actor::stateful_pointer<summary_state>;

  explicit summary_state(self_ptr self) : self_(self) {}

  void start(summary_args args);
  void count(const core::record_batch& batch);
  void note_published(const core::batch_ptr& batch);
  void publish_last();
  void show_life() { args_.figures->life.note(); }

private:
  /// False: there is no room, or the topic takes no record so large.
  bool publish();
  void tell_if_done();

  self_ptr self_;
  summary_args args_;
  std::optional<core::summary_tally> tally_;
  std::uint64_t published_ = 0;  ///< Summaries handed to the producer.
  std::uint64_t acknowledged_ = 0;
  std::size_t waiting_bytes_ = 0;  ///< Of those that are not acknowledged.
  bool last_wanted_ = false;
  core::log_limiter too_large_log_{std::chrono::seconds(10)};
};

/// Accepts  finished_batch · batch_done · publish_last · show_life
/// Sends    transformed_batch (its own record) to producer 0; summary_published to the worker
/// Stops    on EXIT from the worker, after summary_published
messages::summary_actor::behavior_type summary(summary_state::self_ptr self, summary_args args);

}  // namespace turnstile::actors
