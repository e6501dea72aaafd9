// What a lane does about records that a broker refuses: finds them, learns from them, and has them
// replaced by their error records.
#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/delivery/delivery_lane.hpp"
#include "event/error_record.hpp"

namespace turnstile::actors {

using kafka_io::delivery_status;
using kafka_io::error_kind;
using slot_phase = delivery_slot::phase;

namespace {

bool is_refused(const delivery_slot& slot) { return slot.at == slot_phase::refused; }
bool is_under_way(const delivery_slot& slot) { return slot.at == slot_phase::under_way; }

/// REQUIRES: none is under way.
void reorder_slots(lane_batch& entry) {
  assert(std::ranges::none_of(entry.slots, is_under_way));
  std::sort(entry.slots.begin(), entry.slots.end(), [&](const auto& a, const auto& b) {
    return std::pair(entry.record_of(a).topic, a.output) <
           std::pair(entry.record_of(b).topic, b.output);
  });
}

}  // namespace

void delivery_lane::take_failure(delivery_slot& slot, const kafka_io::delivery& delivery,
                                 refusal_rules& rules, steady_time now) {
  switch (delivery.status) {
    case delivery_status::refused:
      if (search_.refused()) return refuse(slot, delivery.code, rules, now);
      slot.refused_for = delivery.code;
      accuses_ = true;
      return;
    case delivery_status::singled_out:
      search_.begin();
      return refuse(slot, delivery.code, rules, now);
    case delivery_status::failed:
      return fail(slot, delivery.code);
    case delivery_status::unwritten:
    case delivery_status::delivered:
      return;
  }
}

/// `slot` was refused alone.
void delivery_lane::refuse(delivery_slot& slot, kafka_io::error_code code, refusal_rules& rules,
                           steady_time now) {
  auto& record = slot.in->record_of(slot);
  last_error_ = code;
  failed_at_ = {record.topic, slot.in->batch->seq};
  phase_ = lane_phase::settling;
  const error_kind kind = code.kind();
  rules.learn(record, kind, now);
  if (record.topic != core::output_topic::errors && !source_.is_summary()) {
    slot.refused_for = code;
    slot.at = slot_phase::refused;
  } else if (kind == error_kind::invalid_timestamp && record.timestamp_ms >= 0 &&
             !record.timestamp_refused) {
    record.timestamp_refused = true;
  } else if (kind == error_kind::message_too_large && source_.is_summary()) {
    leave_out(slot);  // No offset waits for a summary.
  } else {
    // An error record has nowhere else to go: it is sent again until the broker takes it.
    fail(slot, code);
  }
}

void delivery_lane::leave_out(delivery_slot& slot) {
  slot.at = slot_phase::left_out;
  --slot.in->open;
  note_held(-1);
  ++left_out_;
}

/// What its topic refuses for certain is not tried. True: that has to be repaired first. REQUIRES:
/// none of the batch, nor of any behind it, is under way.
bool delivery_lane::hold_against(const refusal_rules& rules, lane_batch& entry, steady_time now) {
  if (entry.held_against == rules.version() || !rules.certain(now)) return false;
  entry.held_against = rules.version();
  for (auto& slot : entry.slots) {
    auto& record = entry.record_of(slot);
    assert(!is_under_way(slot));
    if (slot.at != slot_phase::waiting) continue;
    const auto kind = rules.refusal_of(record, now);
    if (!kind) continue;
    if (record.topic != core::output_topic::errors && !source_.is_summary()) {
      slot.at = slot_phase::refused;
      slot.refused_for = kafka_io::code_of(*kind);
      phase_ = lane_phase::repairing;
    } else if (kind == error_kind::invalid_timestamp) {
      record.timestamp_refused = true;
    }
  }
  return phase_ == lane_phase::repairing;
}

/// Of the records of refused requests the likely one, unless they are all alike.
void delivery_lane::single_out() {
  if (!std::exchange(accuses_, false)) return;
  delivery_slot* likely = nullptr;
  std::optional<std::int64_t> least;
  std::int64_t most = -1;
  for (const auto& entry : batches_) {
    for (auto& slot : entry->slots) {
      if (slot.at != slot_phase::waiting || slot.cleared || !slot.refused_for) continue;
      const auto kind = std::exchange(slot.refused_for, {}).kind();
      const std::int64_t how = suspicion(entry->record_of(slot), kind).value_or(-1);
      least = std::min(least.value_or(how), how);
      if (how <= most) continue;
      most = how;
      likely = &slot;
    }
  }
  if (likely != nullptr && most > *least) likely->alone = true;
}

delivery_lane::refused_slots delivery_lane::refused() const {
  assert(phase_ == lane_phase::repairing);
  for (const auto& entry : batches_) {
    refused_slots found{entry->batch, {}};
    for (const auto& slot : entry->slots)
      if (slot.at == slot_phase::refused)
        found.slots.push_back(
            {slot.output, std::max<std::uint32_t>(1, slot.attempts), slot.refused_for});
    if (!found.slots.empty()) return found;
  }
  return {};
}

void delivery_lane::take_repaired() {
  repair_asked_ = false;
  // What is sent before the repaired ones may have failed meanwhile: that goes on first.
  const bool settles = phase_ == lane_phase::settling;
  if (!settles) phase_ = lane_phase::streaming;
  const auto first = std::ranges::find_if(
      batches_, [&](const auto& entry) { return std::ranges::any_of(entry->slots, is_refused); });
  if (first == batches_.end()) return;
  if (std::any_of(
          std::next(first), batches_.end(),
          [&](const auto& entry) { return std::ranges::any_of(entry->slots, is_refused); }) &&
      !settles)
    phase_ = lane_phase::repairing;
  (*first)->held_against = 0;       // They have another topic.
  reorder_slots(**first);           // The repaired ones go to another topic now.
  std::vector<target_key> changed;  // Where they go: what is there of later inputs goes again.
  for (auto entry = first; entry != batches_.end(); ++entry) {
    for (auto& slot : (*entry)->slots) {
      if (entry == first && is_refused(slot)) {
        slot.at = slot_phase::waiting;
        slot.refused_for = {};
        slot.alone = false;
        changed.push_back(target_of(slot));
      } else if (slot.at == slot_phase::delivered &&
                 std::ranges::find(changed, target_of(slot)) != changed.end()) {
        send_again(slot);
      }
    }
  }
}

messages::refused_records repair_request(const delivery_lane& lane,
                                         const kafka_io::delivery_client& client,
                                         messages::repair_sink reply_to) {
  auto refused = lane.refused();
  std::vector<core::failure> failures;
  for (const auto& [index, attempts, code] : refused.slots) {
    const bool large = code.kind() == error_kind::message_too_large;
    failures.push_back(event::refused_output(
        *refused.batch, index, large ? core::reason::too_large : core::reason::delivery_failed,
        client.error_text(code), attempts));
  }
  return {std::move(refused.batch), std::move(failures), std::move(reply_to)};
}

}  // namespace turnstile::actors
