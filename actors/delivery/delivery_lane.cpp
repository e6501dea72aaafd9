#include "actors/delivery/delivery_lane.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/cpu_prefetch.hpp"
#include "event/error_record.hpp"

namespace turnstile::actors {

using kafka_io::delivery_status;
using kafka_io::send_status;
using slot_phase = delivery_slot::phase;

namespace {

/// What shares a request shall lie together in memory, librdkafka's messages too. Between topics no
/// order is promised.
void make_slots(lane_batch& entry) {
  const auto& outputs = entry.batch->outputs;
  entry.slots.reserve(outputs.size());
  for (std::size_t topic = 0; topic < core::output_topic_count; ++topic)
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (static_cast<std::size_t>(outputs[i].topic) == topic)
        entry.slots.push_back({.in = &entry, .output = static_cast<std::uint32_t>(i)});
  entry.open = entry.slots.size();
}

bool contains(const auto& all, const auto& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void delivery_lane::add(messages::transformed_batch arrived) {
  add(std::move(arrived), [](const auto&) { return true; });
}

void delivery_lane::add(messages::transformed_batch arrived,
                        const std::function<bool(const core::record_batch&)>& takes) {
  if (closed_) return;
  note_held(static_cast<std::int64_t>(arrived.batch->outputs.size()));
  const std::uint64_t seq = arrived.batch->seq;
  arrivals_.put(seq, std::move(arrived));
  while (auto next = arrivals_.next()) {
    auto entry = std::make_unique<lane_batch>();
    entry->lane = this;
    entry->batch = std::move(next->batch);
    entry->owner = std::move(next->owner);
    make_slots(*entry);
    if (held_back_ > 0 || !takes(*entry->batch)) ++held_back_;
    batches_.push_back(std::move(entry));
  }
}

delivery_lane::send_report delivery_lane::send(kafka_io::delivery_client& client,
                                               target_board& board, steady_time now) {
  send_report report;
  report.waits = search_.group() > 0;
  if (report.waits) return report;
  while (may_send()) {
    auto& entry = *batches_[cursor_.batch];
    if (cursor_.slot == 0 && hold_against(board.rules, entry, now)) return report;
    if (cursor_.slot == 0 && entry.began == steady_time{}) entry.began = now;
    if (cursor_.slot == entry.slots.size()) {
      cursor_ = {cursor_.batch + 1, 0};
      continue;
    }
    auto& slot = entry.slots[cursor_.slot];
    if (slot.at == slot_phase::delivered || slot.at == slot_phase::left_out) {
      ++cursor_.slot;
      continue;
    }
    if (const std::size_t later = cursor_.slot + core::cpu_prefetch_distance;
        later < entry.slots.size())
      core::cpu_prefetch(entry.record_of(entry.slots[later]).key.value_or("").data());
    const step done = send_one(slot, client, board, now);
    if (done == step::sent) ++report.sent;
    if (done == step::wait) report.waits = true;
    if (done != step::sent) return report;
  }
  return report;
}

delivery_lane::step delivery_lane::send_one(delivery_slot& slot, kafka_io::delivery_client& client,
                                            target_board& board, steady_time now) {
  const auto& record = slot.in->record_of(slot);
  slot.partition = target_of(slot).second;
  auto& target = board.at(record.topic, slot.partition);
  const bool searched = search_.on() && !slot.cleared;
  const bool alone = searched && (slot.alone || board.rules.suspects(record, now));
  if (const auto instead = held_up(slot, alone, client.request_bytes(), target)) return *instead;

  const auto result = client.send(record, source_.partition(), slot.partition, &slot);
  switch (result.status) {
    case send_status::queue_full:
      return step::wait;
    case send_status::queued:
      slot.at = slot_phase::under_way;
      ++slot.attempts;
      ++under_way_;
      ++target.under_way;
      ++cursor_.slot;
      if (searched) search_.add(event::wire_bytes(record), alone);
      return step::sent;
    case send_status::refused:
      ++slot.attempts;
      refuse(slot, result.code, board.rules, now);
      return step::stop;
    case send_status::failed:
      fail(slot, result.code);
      return step::stop;
  }
  return step::stop;
}

delivery_lane::target_key delivery_lane::target_of(const delivery_slot& slot) const {
  const auto& record = slot.in->record_of(slot);
  return {record.topic, core::output_partition(layout_for(*slot.in), record.topic,
                                               source_.partition(), record.key)};
}

const core::topic_layout& delivery_lane::layout_for(const lane_batch& entry) const {
  return layout_ ? *layout_ : *entry.batch->layout;
}

/// Nothing: it may go. A group shares its request with nobody: it waits until its target is quiet,
/// and keeps everyone else away until its own deliveries came.
std::optional<delivery_lane::step> delivery_lane::held_up(const delivery_slot& slot, bool alone,
                                                          std::size_t request_bytes,
                                                          target_board::target& target) {
  if (target.reserved_by != nullptr && target.reserved_by != this) return step::wait;
  if (!search_.on()) return std::nullopt;
  if (search_.group() > 0) {
    const auto bytes = event::wire_bytes(slot.in->record_of(slot));
    const bool joins =
        !slot.cleared && &target == reserved_ && search_.has_room(bytes, alone, request_bytes);
    return joins ? std::nullopt : std::optional{step::wait};
  }
  if (slot.cleared) return std::nullopt;
  if (under_way_ > 0) return step::wait;
  target.reserved_by = this;
  reserved_ = &target;
  return target.under_way > 0 ? std::optional{step::wait} : std::nullopt;
}

void delivery_lane::release() {
  if (reserved_ != nullptr) reserved_->reserved_by = nullptr;
  reserved_ = nullptr;
}

void delivery_lane::note_held(std::int64_t more) {
  figures_.held.add(more);
  held_here_ += more;
}

/// Though it is delivered. REQUIRES: nothing behind it on its target is left delivered.
void delivery_lane::send_again(delivery_slot& slot) {
  slot.at = slot_phase::waiting;
  ++slot.in->open;
  note_held(1);
}

void delivery_lane::fail(const delivery_slot& slot, kafka_io::error_code code) {
  last_error_ = code;
  failed_at_ = {slot.in->record_of(slot).topic, slot.in->batch->seq};
  if (code.is_answer()) search_.begin();  // In a stream it would end the client again.
  pause_wanted_ = true;
  phase_ = lane_phase::settling;
}

void delivery_lane::take_delivery(const kafka_io::delivery& delivery, target_board& board,
                                  steady_time now) {
  auto& slot = *static_cast<delivery_slot*>(delivery.slot);
  assert(slot.in->lane == this && slot.at == slot_phase::under_way);
  auto& entry = *slot.in;
  const auto status = delivery.status;
  const auto topic = entry.record_of(slot).topic;
  --board.at(topic, slot.partition).under_way;
  --under_way_;
  if (status == delivery_status::delivered || status == delivery_status::failed) {
    if (slot.maybe_written) figures_.possible_repeats.add(1);
    slot.maybe_written = true;
  }
  if (status == delivery_status::delivered) {
    slot.at = slot_phase::delivered;
    slot.cleared = true;
    search_.delivered();
    if (search_.on()) board.rules.note_taken(entry.record_of(slot));
    --entry.open;
    if (!closed_) note_held(-1);
    pause_ = backoff_.first;
    attempts_ = 0;
  } else {
    slot.at = slot_phase::waiting;
    phase_ = lane_phase::settling;
    take_failure(slot, delivery, board.rules, now);
  }
  if (under_way_ > 0) return;
  release();
  search_.end_group();
}

void delivery_lane::doubt_under_way() {
  for (auto& entry : batches_)
    for (auto& slot : entry->slots) slot.maybe_written |= slot.at == slot_phase::under_way;
}

std::vector<std::unique_ptr<lane_batch>> delivery_lane::take_finished() {
  std::vector<std::unique_ptr<lane_batch>> finished;
  while (!closed_ && batches_.size() > held_back_ && batches_.front()->open == 0) {
    finished.push_back(std::move(batches_.front()));
    batches_.pop_front();
    if (cursor_.batch > 0)
      --cursor_.batch;
    else
      cursor_.slot = 0;
  }
  return finished;
}

void delivery_lane::plan_repetition(steady_time now) {
  assert(phase_ == lane_phase::settling && under_way_ == 0);
  std::vector<target_key> broken;  // Output partitions where an earlier record of ours is missing.
  bool refused = false;
  for (std::size_t b = 0; b < batches_.size() && b <= cursor_.batch; ++b) {
    auto& entry = *batches_[b];
    for (std::size_t s = 0; s < entry.slots.size(); ++s) {
      auto& slot = entry.slots[s];
      refused |= slot.at == slot_phase::refused;
      if (!before_cursor(b, s)) continue;
      const target_key where{entry.record_of(slot).topic, slot.partition};
      const bool is_broken = contains(broken, where);
      if (slot.at == slot_phase::delivered && is_broken) {
        send_again(slot);
      } else if (slot.at == slot_phase::waiting && !is_broken) {
        broken.push_back(where);
      }
    }
  }
  cursor_ = {};
  single_out();
  // What could not be handed over would keep the others away for the whole pause.
  release();
  search_.end_group();
  if (refused) {
    phase_ = lane_phase::repairing;
  } else if (pause_wanted_) {
    phase_ = lane_phase::pausing;
    pause_ends_ = now + pause_;
    pause_ = std::min(pause_ * 2, backoff_.max);
    ++attempts_;
  } else {
    phase_ = lane_phase::streaming;
  }
  pause_wanted_ = false;
}

void delivery_lane::resume(steady_time now) {
  if (phase_ == lane_phase::pausing && now >= pause_ends_) phase_ = lane_phase::streaming;
}

void delivery_lane::go_by(const std::shared_ptr<const core::topic_layout>& layout) {
  // Of any: summaries have the layout of whatever partition was finished last.
  if (std::ranges::any_of(batches_, [&](const auto& entry) {
        return core::has_shrunk(*layout, layout_for(*entry));
      }))
    layout_ = layout;
}

void delivery_lane::restart() {
  release();
  search_.end_group();
  under_way_ = 0;
  bool refused = false;
  for (auto& entry : batches_) {
    for (auto& slot : entry->slots) {
      refused |= slot.at == slot_phase::refused;
      if (slot.at == slot_phase::refused || slot.at == slot_phase::left_out) continue;
      if (slot.at == slot_phase::delivered) send_again(slot);
      slot.at = slot_phase::waiting;
      slot.maybe_written = false;
    }
  }
  cursor_ = {};
  single_out();
  pause_wanted_ = false;
  phase_ = refused ? lane_phase::repairing : lane_phase::streaming;
}

std::optional<std::int64_t> delivery_lane::end_offset() const {
  if (batches_.size() == held_back_) return std::nullopt;
  return batches_[batches_.size() - held_back_ - 1]->batch->next_offset;
}

void delivery_lane::close() {
  closed_ = true;
  note_held(-held_here_);
  if (under_way_ == 0) release();
}

void count_delivery(delivery_status status, core::producer_figures& figures) {
  switch (status) {
    case delivery_status::delivered:
      return figures.acknowledged.add(1);
    case delivery_status::refused:
    case delivery_status::singled_out:
      return figures.refused.add(1);
    case delivery_status::unwritten:
    case delivery_status::failed:
      return figures.failed.add(1);
  }
}

}  // namespace turnstile::actors
