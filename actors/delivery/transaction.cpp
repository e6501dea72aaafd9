#include "actors/delivery/transaction.hpp"

#include <algorithm>
#include <utility>

namespace turnstile::actors {

using kafka_io::transaction_failure;
using step = transaction_step;

namespace {

/// Beyond its interval. Below Kafka's shortest sensible `broker.session.timeout.ms`.
constexpr std::chrono::seconds held_up_after{2};

/// Where a transaction with as much does not get through, one with less would not either.
constexpr std::size_t least_bytes = 65'536;

/// Of its timeout: after a transaction that took less the next one may have twice as much.
constexpr int quick_share = 4;

/// Measured: 0.3 s from the return of the only broker until it coordinates again.
constexpr std::chrono::seconds settling{1};

}  // namespace

core::producer_phase figure_of(transaction_phase phase) {
  switch (phase) {
    case transaction_phase::opening:
    case transaction_phase::resolving:
      return core::producer_phase::opening;
    case transaction_phase::sending:
    case transaction_phase::closing:
    case transaction_phase::committing:
    case transaction_phase::aborting:
      return core::producer_phase::sending;
    case transaction_phase::pausing:
      return core::producer_phase::waiting;
    case transaction_phase::fenced:
      return core::producer_phase::fenced;
  }
  return core::producer_phase::opening;
}

void transaction::add(std::size_t records, std::size_t bytes, steady_time now,
                      std::uint64_t generation) {
  if (records_ == 0) began_ = now;
  records_ += records;
  bytes_ += bytes;
  if (generation > 0) generation_ = generation;
}

bool transaction::fail(transaction_fault why) {
  if (!can_be_aborted()) return false;
  const bool first = !abort_;
  if (first) abort_ = abort_wish{};
  abort_->pause_after |= why == transaction_fault::passing;
  if (first && why == transaction_fault::refused) take_less();
  return first;
}

void transaction::take_less() {
  if (bytes_ > 0) bytes_max_ = std::min(bytes_max_, std::max(bytes_ / 2, least_bytes));
}

void transaction::break_client(const kafka_io::io_error& error, steady_time now) {
  if (health_ != client_health::good || phase_ == transaction_phase::fenced) return;
  // While its own time has not passed, nobody but another producer can have ended it. After an
  // abort that is not certain: in an outage the coordinator may still be ending an earlier one. To
  // take the id over is safe: where another worker has it, that one hears of it and leaves.
  const bool fenced = error.code.kind() == kafka_io::error_kind::producer_fenced &&
                      attempts_ == 0 && (records_ == 0 || now < began_ + limits_.timeout);
  health_ = fenced ? client_health::fenced : client_health::broken;
}

void transaction::fail_by(const kafka_io::transaction_error& error, steady_time now) {
  if (error.kind == transaction_failure::fatal) return break_client(error.error, now);
  abort_ = abort_wish{.pause_after = true};
  if (member_ == member_state::renewed) return;
  const bool stale = error.kind == transaction_failure::stale_member;
  member_ = stale ? member_state::refused : member_state::used;
}

void transaction::answer(const kafka_io::transaction_answer& answer, steady_time now) {
  calling_ = false;
  if (answer) {
    fail_by(*answer, now);
    const bool usable = health_ == client_health::good;
    if (phase_ == transaction_phase::committing && !usable) outcome_ = commit_outcome::in_doubt;
    // Where there is nothing to abort, or that fails, only a new client is left.
    if (usable && (phase_ == transaction_phase::aborting || phase_ == transaction_phase::opening))
      health_ = client_health::broken;
    return;
  }
  switch (phase_) {
    case transaction_phase::opening:
      if (in_doubt())
        phase_ = transaction_phase::resolving;
      else
        begin_anew(now);
      break;
    case transaction_phase::closing:
      offsets_in_ = true;
      break;
    case transaction_phase::committing:
      outcome_ = commit_outcome::committed;
      break;
    case transaction_phase::aborting:
      outcome_ = commit_outcome::not_committed;
      break;
    default:
      break;
  }
}

void transaction::resolve(bool committed) {
  calling_ = false;
  outcome_ = committed ? commit_outcome::committed : commit_outcome::not_committed;
}

void transaction::renew_membership() {
  member_ = member_state::renewed;
  if (phase_ == transaction_phase::pausing && health_ == client_health::good)
    pause_ends_ = steady_time{};
}

void transaction::begin_anew(steady_time now) {
  phase_ = transaction_phase::sending;
  began_ = now;
  offsets_in_ = false;
  abort_.reset();
}

void transaction::pause(steady_time now, bool until_membership) {
  phase_ = transaction_phase::pausing;
  ++attempts_;
  take_less();
  pause_ends_ = now + (until_membership ? backoff_.max : pause_);
  // A new client ends what the old one left open.
  if (health_ == client_health::broken && held_up(now))
    pause_ends_ = std::max(pause_ends_, now + settling);
  pause_ = std::min(pause_ * 2, backoff_.max);
}

bool transaction::holds_records() const {
  return in_doubt() ||
         (phase_ != transaction_phase::pausing && phase_ != transaction_phase::opening);
}

std::optional<steady_time> transaction::wakes_at() const {
  if (phase_ == transaction_phase::pausing) return pause_ends_;
  if (settled_at_) return settled_at_;
  if (phase_ == transaction_phase::sending && records_ > 0) return began_ + limits_.interval;
  return std::nullopt;
}

bool transaction::held_up(steady_time now) const {
  return records_ > 0 && now > began_ + limits_.interval + held_up_after;
}

step transaction::end(steady_time now, transaction_phase to, step how) {
  if (!settled_at_ && held_up(now)) settled_at_ = now + settling;
  if (settled_at_ && now < *settled_at_) return step::nothing;
  return call(to, how);
}

step transaction::call(transaction_phase to, step how) {
  phase_ = to;
  calling_ = true;
  settled_at_.reset();
  return how;
}

step transaction::next(const lanes_state& lanes) {
  if (calling_ || phase_ == transaction_phase::fenced) return step::nothing;
  if (health_ == client_health::fenced) {
    phase_ = transaction_phase::fenced;
    return step::leave;
  }
  if (const auto told = tell_outcome(lanes.now)) return *told;
  if (health_ == client_health::broken && phase_ != transaction_phase::pausing)
    pause(lanes.now, false);
  return advance(lanes);
}

std::optional<step> transaction::tell_outcome(steady_time now) {
  if (outcome_ == commit_outcome::committed) {
    outcome_ = commit_outcome::told;
    if (now - began_ < limits_.timeout / quick_share)
      bytes_max_ = std::min(bytes_max_ * 2, limits_.bytes_max);
    take_out();
    attempts_ = 0;
    pause_ = backoff_.first;
    begin_anew(now);
    return step::finish;
  }
  if (outcome_ == commit_outcome::not_committed) {
    outcome_ = commit_outcome::told;
    if (abort_ && std::exchange(abort_->pause_after, false))
      pause(now, member_ == member_state::refused);
    else
      begin_anew(now);
    return step::replay;
  }
  return std::nullopt;
}

step transaction::advance(const lanes_state& lanes) {
  const auto now = lanes.now;
  switch (phase_) {
    case transaction_phase::opening:
      return call(transaction_phase::opening, step::open);
    case transaction_phase::resolving:
      return call(transaction_phase::resolving, step::resolve);
    case transaction_phase::pausing:
      if (now < pause_ends_) return step::nothing;
      if (std::exchange(health_, client_health::good) == client_health::broken)
        return call(transaction_phase::opening, step::replace);
      begin_anew(now);
      return step::resume;
    case transaction_phase::sending:
      if (abort_) return end(now, transaction_phase::aborting, step::abort);
      if (!due(now) || !lanes.all_sent) return step::nothing;
      opened_at_ = began_;
      closed_at_ = now;
      if (member_ == member_state::renewed) member_ = member_state::used;
      return call(transaction_phase::closing, step::send_offsets);
    case transaction_phase::closing:
      if (abort_) return end(now, transaction_phase::aborting, step::abort);
      if (!offsets_in_ || !lanes.all_delivered) return step::nothing;
      return end(now, transaction_phase::committing, step::commit);
    case transaction_phase::committing:
      // Answered by an error that an abort cures.
      return end(now, transaction_phase::aborting, step::abort);
    case transaction_phase::aborting:
    case transaction_phase::fenced:
      break;
  }
  return step::nothing;
}

}  // namespace turnstile::actors
