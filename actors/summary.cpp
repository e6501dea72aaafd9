#include "actors/summary.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "core/cpu_prefetch.hpp"
#include "event/error_record.hpp"

namespace turnstile::actors {

using namespace messages;

namespace {

/// Summaries the broker has not taken yet, and their bytes. Beyond, multiples are left out and the
/// window grows, so that a summary topic nobody can write to does not fill the memory.
constexpr std::uint64_t unacknowledged_max = 1000;
constexpr std::size_t waiting_bytes_max = std::size_t{4} * 1024 * 1024;

/// How old the inputs of one batch are; those with the same time in a row are counted at once.
class age_counter {
public:
  explicit age_counter(core::latency_figure& to) : to_(to) {}
  ~age_counter() { end_run(); }
  age_counter(const age_counter&) = delete;
  age_counter& operator=(const age_counter&) = delete;

  void note(std::int64_t timestamp_ms) {
    if (timestamp_ms != timestamp_ms_) end_run();
    timestamp_ms_ = timestamp_ms;
    ++run_;
  }

private:
  void end_run() {
    if (run_ > 0 && timestamp_ms_ >= 0)
      to_.record(std::max<std::int64_t>(0, now_ms_ - timestamp_ms_) * 1000, run_);
    run_ = 0;
  }

  core::latency_figure& to_;
  std::int64_t now_ms_ = core::wall_clock_ms();
  std::int64_t timestamp_ms_ = -1;
  std::int64_t run_ = 0;
};

/// What is counted of a later record, and of one behind it where that is written.
void prefetch_counted(std::span<const core::output_record> later) {
  constexpr std::size_t distance = core::cpu_prefetch_distance;
  if (later.size() > 2 * distance) core::cpu_prefetch(later[2 * distance].counted.data());
  if (later.size() <= distance) return;
  for (const std::string_view text : later[distance].counted) core::cpu_prefetch(text.data());
}

}  // namespace

void summary_state::start(summary_args args) {
  args_ = std::move(args);
  tally_.emplace(args_.input_topic, args_.every, args_.counted,
                 core::summary_tally::limits{args_.distinct_values_max,
                                             args_.layout->bytes_max(core::output_topic::summary)});
}

void summary_state::count(const core::record_batch& batch) {
  const core::busy_time busy{args_.figures->busy_us};
  args_.layout = batch.layout;
  std::int64_t by_outcome[3] = {};
  std::int64_t range_start = batch.first_offset;
  std::size_t bytes = 0;
  age_counter ages{args_.figures->end_to_end};
  for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
    prefetch_counted(std::span(batch.outputs).subspan(i));
    const auto& output = batch.outputs[i];
    tally_->count(batch.source.assignment().partition, range_start, output);
    ages.note(output.timestamp_ms);
    bytes += output.value.size() + (output.key ? output.key->size() : 0);
    range_start = output.source_offset + 1;
    ++by_outcome[static_cast<std::size_t>(output.result)];
    if (tally_->due() && !publish()) tally_->leave_out();
  }
  auto& f = *args_.figures;
  f.bytes.add(static_cast<std::int64_t>(bytes));
  f.received.add(static_cast<std::int64_t>(batch.outputs.size()));
  f.processed.add(by_outcome[static_cast<std::size_t>(core::outcome::processed)]);
  f.filtered.add(by_outcome[static_cast<std::size_t>(core::outcome::filtered)]);
  f.failed.add(by_outcome[static_cast<std::size_t>(core::outcome::failed)]);
}

bool summary_state::publish() {
  const bool is_room =
      published_ - acknowledged_ < unacknowledged_max && waiting_bytes_ < waiting_bytes_max;
  if (!is_room && !last_wanted_) return false;
  auto batch = std::make_shared<core::record_batch>();
  core::output_record record;
  record.topic = core::output_topic::summary;
  record.key = batch->memory.copy(args_.worker_id);
  const std::size_t bytes_max = args_.layout->bytes_max(record.topic);
  const std::size_t beside_value = event::wire_bytes(record);
  const auto value = tally_->take_summary(args_.worker_id, args_.now_s(),
                                          bytes_max - std::min(bytes_max, beside_value));
  if (!value) {
    if (too_large_log_.admit(self_->clock().now()))
      core::log_warning("summary left out, its topic takes none so large",
                        {{"max.message.bytes", bytes_max}});
    return false;
  }
  record.value = batch->memory.copy(*value);
  waiting_bytes_ += value->size();
  batch->seq = published_++;
  batch->layout = args_.layout;
  batch->outputs.push_back(record);
  tell(args_.producer, transformed_batch{std::move(batch), handle_of<summary_actor>(self_)});
  return true;
}

void summary_state::note_published(const core::batch_ptr& batch) {
  ++acknowledged_;
  waiting_bytes_ -= batch->outputs.front().value.size();
  args_.figures->published.add(1);
  args_.figures->last_sequence.set(static_cast<std::int64_t>(batch->seq) + 1);
  args_.figures->last.keep(batch);
  tell_if_done();
}

void summary_state::publish_last() {
  last_wanted_ = true;
  publish();
  tell_if_done();
}

void summary_state::tell_if_done() {
  if (last_wanted_ && acknowledged_ == published_) tell(args_.worker, summary_published{});
}

summary_actor::behavior_type summary(summary_state::self_ptr self, summary_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](const finished_batch& finished) { state.count(*finished.batch); },
      [&state](const batch_done& done) { state.note_published(done.batch); },
      [&state](const messages::publish_last&) { state.publish_last(); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
