#include "actors/partition_consumer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/log.hpp"

namespace turnstile::actors {

using namespace messages;

namespace {

/// Batches read before other actors get their turn.
constexpr int batches_per_turn = 8;

/// Before a batch that could not be read is read again: what a wire has damaged is right then, what
/// a disk has damaged stays so.
constexpr std::chrono::milliseconds read_again_pause{5000};

/// A wire may damage a batch, and a broker's restart hide it; twice in a row, on connections of
/// their own, is the disk.
constexpr int reads_before_skip = 3;

}  // namespace

partition_consumer_state::~partition_consumer_state() {
  if (!args_.records) return;
  args_.records->wake_with(nullptr);
  say_starving(false);
}

void partition_consumer_state::start(partition_consumer_args args) {
  args_ = std::move(args);
  next_transformer_ = static_cast<std::size_t>(args_.source.partition) % args_.transformers.size();
  const auto me = handle_of<partition_consumer_actor>(self_);
  args_.records->wake_with([me] { tell(me, wake{}); });
  // The queue may have filled before the wake function was set.
  tell(me, wake{});
}

bool partition_consumer_state::overdue() const {
  return args_.in_flight_age_max && !in_flight_.empty() &&
         self_->clock().now() - in_flight_.front().read_at > *args_.in_flight_age_max;
}

/// How many records the next batch may have; 0: wait for a batch_done, or for credit.
std::size_t partition_consumer_state::room() const {
  if (args_.credit.records == 0 || overdue()) return 0;
  const std::size_t each = record_bytes_ + kafka_io::record_overhead_bytes;
  const std::size_t most = std::max<std::size_t>(
      1, std::min({args_.batch_records_max, args_.credit.records, args_.credit.bytes / each}));
  if (records_in_flight_ == 0) return most;
  if (records_in_flight_ >= args_.credit.records || bytes_in_flight_ >= args_.credit.bytes)
    return 0;
  const std::size_t left = std::min({most, args_.credit.records - records_in_flight_,
                                     (args_.credit.bytes - bytes_in_flight_) / each});
  // Small leftovers of credit would make small batches; the next batch_done comes anyway.
  return left < most / 4 ? 0 : left;
}

void partition_consumer_state::read() {
  const core::busy_time busy{args_.figures->busy_us};
  read_while_credit_lasts();
}

void partition_consumer_state::read_while_credit_lasts() {
  if (phase_ != reading_phase::reading) return;
  if (!waits_to_read_again_) report_errors();
  for (int n = 0; n < batches_per_turn; ++n) {
    if (waits_to_read_again_ && !skipped_) return;
    const std::size_t records_max = room();
    if (records_max == 0) {
      args_.figures->blocked.add(1);
      return;
    }
    if (!read_one_batch(records_max)) return;
  }
  tell(handle_of<partition_consumer_actor>(self_), wake{});
}

bool partition_consumer_state::read_one_batch(std::size_t records_max) {
  auto batch = std::make_shared<core::record_batch>();
  if (skipped_) {
    take_skipped(*batch, records_max);
  } else if (!fetch(*batch, records_max)) {
    return false;
  }
  batch->source = args_.source;
  batch->seq = next_seq_++;
  batch->layout = args_.layout;
  batch->version = args_.versions->in_force();
  note_position(*batch);
  const std::int64_t first = batch->inputs.front().offset;
  batch->first_offset = position_ < 0 || first < position_ ? first : position_;
  position_ = batch->next_offset = batch->inputs.back().offset + 1;
  end_ = batch->unreadable.empty() ? args_.records->take_end() : -1;

  const std::size_t count = batch->inputs.size();
  record_bytes_ = std::max<std::size_t>(1, batch->input_bytes / count);
  batch->credit_bytes =
      kafka_io::batch_overhead_bytes + batch->input_bytes + count * kafka_io::record_overhead_bytes;
  in_flight_.push_back({self_->clock().now(), batch->inputs.front().timestamp_ms});
  if (batch->unreadable.empty()) last_timestamp_ms_ = batch->inputs.back().timestamp_ms;
  note_oldest();
  records_in_flight_ += count;
  bytes_in_flight_ += batch->credit_bytes;
  args_.figures->in_flight.set(static_cast<std::int64_t>(records_in_flight_));
  tell(args_.transformers[next_transformer_],
       raw_batch{std::move(batch), handle_of<partition_consumer_actor>(self_)});
  next_transformer_ = (next_transformer_ + 1) % args_.transformers.size();
  return true;
}

/// False: nothing is there.
bool partition_consumer_state::fetch(core::record_batch& batch, std::size_t records_max) {
  if (args_.records->read(batch, records_max) == 0) {
    report_errors();
    note_dry();
    return false;
  }
  say_starving(false);
  if (batch.inputs.front().offset < read_again_from_) {
    // A reset that librdkafka had begun before it was told to seek.
    args_.records->finished(batch.inputs.size(), batch.input_bytes);
    wait_to_read_again();
    return false;
  }
  read_again_from_ = -1;
  failed_reads_ = 0;
  return true;
}

/// One slot for each offset: whether it ever held a record nobody can tell any more.
void partition_consumer_state::take_skipped(core::record_batch& batch, std::size_t records_max) {
  batch.unreadable = skipped_->why;
  const auto left = static_cast<std::size_t>(skipped_->end - skipped_->next);
  for (std::size_t n = std::min(left, records_max); n > 0; --n)
    batch.inputs.push_back({.offset = skipped_->next++});
  if (skipped_->next == skipped_->end) skipped_.reset();
}

void partition_consumer_state::note_position(const core::record_batch& batch) {
  const auto& first = batch.inputs.front();
  note_removed(first.offset);
  // Behind: the log was cut back, by an unclean election say, and its offsets are given anew.
  const bool behind = first.offset < position_;
  if (position_ >= 0 && first.offset != position_)
    core::log(behind ? core::severity::warning : core::severity::debug,
              behind ? "offsets went back" : "offsets skipped",
              {{"partition", args_.source.partition}, {"from", position_}, {"to", first.offset}});
  auto& f = *args_.figures;
  f.records.add(static_cast<std::int64_t>(batch.inputs.size()));
  f.bytes.add(static_cast<std::int64_t>(batch.input_bytes));
  f.position.set(batch.inputs.back().offset + 1);
  if (f.first_read.get() < 0) f.first_read.set(first.offset);
}

/// Reading goes on at `next`: what lies below the log's beginning was removed, by retention mostly.
void partition_consumer_state::note_removed(std::int64_t next) {
  const std::int64_t expected = std::max({position_, end_, args_.begin});
  if (expected < 0 || next <= expected) return;
  const std::int64_t gone = std::min(next, args_.records->log_start()) - expected;
  if (gone > 0) args_.figures->removed.add(gone);
}

void partition_consumer_state::note_oldest() {
  args_.figures->oldest_timestamp_ms.set(in_flight_.empty() ? last_timestamp_ms_
                                                            : in_flight_.front().timestamp_ms);
}

/// Nothing is there to be read: that was all, or more is under way.
void partition_consumer_state::note_dry() {
  if (const std::int64_t end = args_.records->take_end(); end >= 0 && end >= position_) {
    note_removed(end);
    end_ = end;
    advance_to_end();
  }
  say_starving(end_ < 0 && position_ >= 0 && args_.records->high_watermark() > position_ &&
               !args_.records->lost());
}

/// Once all that was read is finished, so are the offsets behind it that hold no record: markers of
/// transactions, records of aborted ones.
void partition_consumer_state::advance_to_end() {
  auto& f = *args_.figures;
  if (end_ < 0 || records_in_flight_ > 0 || f.empty_to.get() == end_) return;
  const std::int64_t from = std::max(position_, args_.begin);
  f.empty_from.set(from);
  f.empty_to.set(end_);
  f.position.set(end_);
  // Where nothing was ever read or committed nothing needs to be.
  if (from >= 0 && end_ > from) tell(args_.group, offset_advanced{args_.source, end_, false});
}

void partition_consumer_state::finish(batch_done& done) {
  const core::busy_time busy{args_.figures->busy_us};
  if (done.batch->source != args_.source) return;
  // The oldest in flight: everything before it is finished.
  assert(done.batch->seq + in_flight_.size() == next_seq_);
  in_flight_.pop_front();
  const std::size_t count = done.batch->outputs.size();
  records_in_flight_ -= count;
  bytes_in_flight_ -= done.batch->credit_bytes;
  if (done.batch->unreadable.empty()) args_.records->finished(count, done.batch->input_bytes);
  args_.figures->in_flight.set(static_cast<std::int64_t>(records_in_flight_));
  note_oldest();
  const std::int64_t next_offset = done.batch->next_offset;
  tell(args_.summary, finished_batch{std::move(done.batch)});
  tell(args_.group, offset_advanced{args_.source, next_offset});
  advance_to_end();
  read_while_credit_lasts();
  answer_if_drained();
}

void partition_consumer_state::begin_drain() {
  if (phase_ == reading_phase::reading) phase_ = reading_phase::draining;
  answer_if_drained();
}

void partition_consumer_state::change_credit(const set_credit& credit) {
  args_.credit = credit;
  read_while_credit_lasts();
}

void partition_consumer_state::report_errors() {
  for (const auto& error : args_.records->take_errors())
    core::log_warning("partition cannot be read",
                      {{"partition", args_.source.partition}, {"error", error.text}});
  if (args_.records->lost()) wait_to_read_again();
}

void partition_consumer_state::wait_to_read_again() {
  if (std::exchange(waits_to_read_again_, true)) return;
  failed_reads_ = std::max(failed_reads_, 1);
  tell_after(handle_of<partition_consumer_actor>(self_), read_again_pause, retry_tick{});
}

std::int64_t partition_consumer_state::resume_offset() const {
  if (skipped_) return skipped_->end;
  return position_ >= 0 ? position_ : args_.begin;
}

void partition_consumer_state::look_again() {
  if (phase_ != reading_phase::reading) {
    waits_to_read_again_ = false;
  } else if (!args_.survey) {
    read_again_from(resume_offset());
  } else {
    args_.survey(args_.source.partition, resume_offset(),
                 [me = handle_of<partition_consumer_actor>(self_)](auto found) {
                   tell(me, batch_surveyed{std::move(found)});
                 });
  }
}

void partition_consumer_state::take_survey(const batch_surveyed& found) {
  if (phase_ != reading_phase::reading) {
    waits_to_read_again_ = false;
  } else if (!found.unreadable) {
    failed_reads_ = 0;
    read_again_from(resume_offset());
  } else if (++failed_reads_ < reads_before_skip || skipped_) {
    waits_to_read_again_ = false;
    wait_to_read_again();
  } else {
    skip(*found.unreadable);
  }
}

void partition_consumer_state::skip(const kafka_io::unreadable_batch& found) {
  const std::string offsets = std::to_string(found.first) + " to " + std::to_string(found.next - 1);
  core::log_error(
      "batch cannot be read, its offsets become error records",
      {{"partition", args_.source.partition}, {"offsets", offsets}, {"error", found.error}});
  failed_reads_ = 0;
  skipped_ = {found.first, found.next, "Unreadable: offsets " + offsets + ", " + found.error};
  read_again_from(found.next);
}

void partition_consumer_state::read_again_from(std::int64_t offset) {
  waits_to_read_again_ = false;
  // A log that ends below was made anew, or cut back: what comes from before is what it has now.
  const std::int64_t end = args_.records->high_watermark();
  read_again_from_ = end >= 0 && end < offset ? -1 : offset;
  core::log_warning("partition is read again",
                    {{"partition", args_.source.partition}, {"from", offset}, {"end", end}});
  end_ = -1;
  args_.records->read_again(offset);
  // A queue wakes only when it was empty, and this one is not.
  read_while_credit_lasts();
}

void partition_consumer_state::say_starving(bool starving) {
  if (starving == starving_) return;
  starving_ = starving;
  args_.lookup->set_starving(args_.source.partition, starving);
}

void partition_consumer_state::answer_if_drained() {
  if (phase_ != reading_phase::draining || records_in_flight_ > 0) return;
  phase_ = reading_phase::drained;
  tell(args_.group, drained{args_.source});
}

partition_consumer_actor::behavior_type partition_consumer(partition_consumer_state::self_ptr self,
                                                           partition_consumer_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](const wake&) { state.read(); },
      [&state](batch_done& done) { state.finish(done); },
      [&state](const start_drain&) { state.begin_drain(); },
      [&state](const set_credit& credit) { state.change_credit(credit); },
      [&state](const retry_tick&) { state.look_again(); },
      [&state](const batch_surveyed& found) { state.take_survey(found); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
