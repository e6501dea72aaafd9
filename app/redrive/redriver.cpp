#include "app/redrive/redriver.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "audit/origin.hpp"
#include "core/crash_point.hpp"
#include "core/own_headers.hpp"
#include "event/error_record.hpp"

namespace turnstile::app {

namespace {

constexpr std::string_view worker_id = "redrive";

/// What the arena is cut to.
constexpr std::size_t batch_bytes = std::size_t{64} * 1024;

/// Of the value and its frame, beside key, headers and value.
constexpr std::size_t record_frame_bytes = 64;

std::string_view copy_number(core::arena& memory, std::uint64_t number) {
  return memory.copy(std::to_string(number));
}

}  // namespace

redriver::redriver(setup with, redrive_tally& tally)
  : with_(std::move(with)),
    transform_(with_.version->make()),
    tally_(tally),
    origin_bytes_(core::origin_bytes(with_.settings.topics.input.size())) {
  begin_batch();
}

void redriver::begin_batch() {
  batch_ = std::make_unique<core::record_batch>();
  batch_->layout = with_.layout;
  batch_->version = with_.version;
  batch_->input_bytes = batch_bytes;
  records_ = 0;
  bytes_ = 0;
}

/// A key that was hashed or dropped cannot be compared, and says nothing.
bool redriver::is_of(const dead_letter& letter, const core::record_view& input) const {
  if (letter.origin_ms != dead_letter::not_told && letter.origin_ms != input.timestamp_ms)
    return false;
  const bool comparable =
      letter.has_key && with_.settings.event.key.method == core::field_method::keep;
  return !comparable || (input.key && hash_of_key(*input.key) == letter.key_hash);
}

redriver::failure redriver::take(const dead_letter& letter, const core::record_view& input) {
  if (!is_of(letter, input)) {
    tally_.leave(left_why::remade, [&] {
      return place_text(with_.settings.topics.input, letter.partition, letter.offset);
    });
    return finish(letter, false);
  }
  batch_->source = core::partition_epoch{letter.partition};
  batch_->inputs.assign(1, input);
  core::transform_batch(*transform_, *batch_, std::time(nullptr));
  if (batch_->failures.empty()) return take_outcome(letter);
  const auto failed = batch_->failures.back();
  batch_->failures.clear();
  return take_failed(letter, failed);
}

redriver::failure redriver::take_unreadable(const dead_letter& letter) {
  core::output_record record;
  record.source_offset = letter.offset;
  record.key_id = batch_->key_id();
  record.result = core::outcome::failed;
  record.topic = core::output_topic::errors;
  batch_->outputs.push_back(record);
  return take_failed(letter, {.slot = batch_->outputs.size() - 1,
                              .reason = core::reason::unreadable,
                              .error_type = "Unreadable"});
}

redriver::failure redriver::take_outcome(const dead_letter& letter) {
  auto& record = batch_->outputs.back();
  add_headers(letter, record);
  if (event::wire_bytes(record, origin_bytes_) > with_.layout->bytes_max(record.topic))
    return take_failed(letter, {.slot = batch_->outputs.size() - 1,
                                .reason = core::reason::too_large,
                                .error_type = "Output too large"});
  tally_.add(letter.reason, record.result);
  if (auto error = write(letter, record)) return error;
  return finish(letter, false);
}

/// What failed before has its error record; a missing input has none yet.
redriver::failure redriver::take_failed(const dead_letter& letter, const core::failure& failed) {
  tally_.add_failed(letter.reason, failed.reason);
  if (letter.error_partition >= 0) return finish(letter, true);
  event::write_error_record(*batch_, failed, worker_id, std::time(nullptr), origin_bytes_);
  ++tally_.errors_written;
  auto& record = batch_->outputs.back();
  add_headers(letter, record);
  if (auto error = write(letter, record)) return error;
  return finish(letter, true);
}

void redriver::add_headers(const dead_letter& letter, core::output_record& record) {
  auto& memory = batch_->memory;
  const bool has_attempts = record.topic == core::output_topic::errors;
  const auto headers =
      memory.make<core::header_view>(record.headers.size() + (has_attempts ? 1 : 2));
  std::ranges::copy(record.headers, headers.begin());
  auto next = headers.begin() + static_cast<std::ptrdiff_t>(record.headers.size());
  const bool missing = letter.error_partition < 0;
  *next++ = {core::redrive_header,
             missing ? audit::redriven_missing
                     : memory.copy(place_text(with_.settings.topics.errors, letter.error_partition,
                                              letter.error_offset))};
  if (!has_attempts) *next = {core::attempts_header, copy_number(memory, letter.tried + 1)};
  record.headers = headers;
}

redriver::failure redriver::write(const dead_letter& letter, core::output_record& record) {
  if (!with_.sink.send) return {};
  if (!uncommitted_) began_ = std::chrono::steady_clock::now();
  const auto partition =
      core::output_partition(*with_.layout, record.topic, letter.partition, record.key);
  return with_.sink.send(record, letter.partition, partition);
}

redriver::failure redriver::finish(const dead_letter& letter, bool failed) {
  if (!uncommitted_) began_ = std::chrono::steady_clock::now();
  uncommitted_ = true;
  with_.done(letter, failed);
  ++records_;
  if (!batch_->outputs.empty())
    bytes_ += event::wire_bytes(batch_->outputs.back(), origin_bytes_) + record_frame_bytes;
  if (records_ < records_max && bytes_ < bytes_max) return {};
  return commit(false);
}

redriver::failure redriver::commit(bool always) {
  if (!uncommitted_ && !always) return {};
  if (with_.sink.commit) {
    core::crash_point("redrive_before_commit");
    if (auto error = with_.sink.commit(with_.positions())) return error;
    core::crash_point("redrive_after_commit");
  }
  uncommitted_ = false;
  begin_batch();
  return {};
}

redriver::failure redriver::commit_if_old() {
  if (std::chrono::steady_clock::now() - began_ < age_max) return {};
  return commit(false);
}

}  // namespace turnstile::app
