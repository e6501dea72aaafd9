#include "actors/group_consumer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/assignment_lines.hpp"
#include "core/crash_point.hpp"
#include "core/ranges_text.hpp"

namespace turnstile::actors {

using namespace messages;
using std::chrono::milliseconds;

namespace {

/// How often the group's queue is polled and the partition queues are looked at although nobody
/// woke us: a wake-up may be lost, and polling is the sign of life that keeps us in the group.
constexpr milliseconds keep_alive_interval{100};

/// How soon an assignment looks again whether the readers of an earlier one have ended.
constexpr milliseconds reader_check_interval{5};

/// Nothing more is read of a partition whose deliveries take so long: those to a leader that is
/// frozen, of which no commit tells. More than a batch takes under full load, a quarter of a
/// second. A transaction repeats nothing.
constexpr milliseconds delivery_overdue{500};

/// What the commit before giving partitions back may take beyond the drain's deadline.
constexpr milliseconds last_commit_timeout{2000};

bool contains(const std::vector<std::int32_t>& all, std::int32_t one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

group_consumer_state::~group_consumer_state() {
  if (args_.client) args_.client->wake_with(nullptr);
  for (const auto& [partition, owned] : owned_) end(owned.actor);
}

void group_consumer_state::start(group_consumer_args args) {
  args_ = std::move(args);
  const auto me = handle_of<group_consumer_actor>(self_);
  args_.client->wake_with([me] { tell(me, wake{}); });
  args_.client->subscribe();
  tell(me, tick{});
}

void group_consumer_state::poll() {
  const core::busy_time busy{args_.figures->busy_us};
  for (const auto& event : args_.client->poll())
    std::visit([this](const auto& happened) { on(happened); }, event);
  if (phase_ == group_phase::leaving && args_.client->closed()) {
    phase_ = group_phase::left;
    while (!owned_.empty()) close_partition(owned_.begin()->first, false);
    tell(args_.worker, group_left{});
  }
}

void group_consumer_state::keep_alive() {
  poll();
  for (auto& [partition, owned] : owned_) owned.records->wake_if_readable();
  ask_ends();
  if (phase_ != group_phase::left)
    tell_after(handle_of<group_consumer_actor>(self_), keep_alive_interval, tick{});
}

void group_consumer_state::ask_ends() {
  if (owned_.empty() || phase_ == group_phase::left || !ends_.ask(self_->clock().now())) return;
  tell_removed();
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, owned] : owned_) partitions.push_back(partition);
  args_.lookup->ask_ends(std::move(partitions), [me = handle_of<group_consumer_actor>(self_)](
                                                    std::vector<kafka_io::log_end_fact> ends) {
    tell(me, log_ends_described{std::move(ends)});
  });
}

/// One line, however many partitions it is about.
void group_consumer_state::tell_removed() {
  std::int64_t count = 0;
  std::vector<std::int32_t> partitions;
  for (auto& [partition, owned] : owned_) {
    const std::int64_t removed = owned.figures->removed.get();
    if (removed == owned.removed_told) continue;
    count += removed - std::exchange(owned.removed_told, removed);
    partitions.push_back(partition);
  }
  if (partitions.empty()) return;
  core::log_warning("inputs were removed before they were read",
                    {{"count", count}, {"partitions", core::ranges_text(partitions)}});
}

void group_consumer_state::note_ends(const log_ends_described& described) {
  ends_.begin_answer();
  for (const auto& fact : described.ends) {
    const auto at = owned_.find(fact.partition);
    if (at != owned_.end()) ends_.note(fact, *at->second.figures, self_->clock().now());
  }
  ends_.end_answer();
}

// Taking partitions.

void group_consumer_state::on(const kafka_io::partitions_assigned& assigned) {
  args_.figures->assignments.add(1);
  args_.figures->membership.set(core::group_membership::joined);
  forward_membership(assigned.member);
  assigning_ = assigned.partitions;
  member_id_ = assigned.member_id;
  describe_assignment();
}

void group_consumer_state::describe_assignment() {
  const auto me = handle_of<group_consumer_actor>(self_);
  const std::uint64_t ticket = ++describe_ticket_;
  args_.lookup->describe(assigning_, [me, ticket](std::optional<kafka_io::assignment_facts> facts) {
    tell(me, assignment_described{ticket, std::move(facts)});
  });
}

void group_consumer_state::open_assignment(const assignment_described& described) {
  if (described.ticket != describe_ticket_) return;
  if (phase_ != group_phase::member) {
    // Not answering would keep the group waiting for us.
    args_.client->assign({});
    assigning_.clear();
    return finish_draining();
  }
  if (!described.facts) return describe_assignment();
  // Two readers of one librdkafka queue would take each other's records and wake-ups.
  if (readers_->load() > owned_.size())
    return tell_after(handle_of<group_consumer_actor>(self_), reader_check_interval, described);
  for (const std::int32_t partition : assigning_) open_partition(partition, *described.facts);
  pacing_.begin_assignment();
  share_credit();
  set_commit_urgency(false);
  // With its offset: a librdkafka client that had the partition before may else begin where it
  // began then (its issue 4637).
  std::vector<kafka_io::partition_offset> begins;
  for (const std::int32_t partition : assigning_)
    begins.push_back({partition, owned_.at(partition).committed});
  args_.client->assign(begins);
  core::log_info("partitions assigned", {{"count", assigning_.size()},
                                         {"owned", owned_.size()},
                                         {"partitions", core::ranges_text(assigning_)},
                                         {"member", member_id_}});
  log_begins(assigning_, *described.facts);
  assigning_.clear();
  args_.figures->partitions.set(static_cast<std::int64_t>(owned_.size()));
}

void group_consumer_state::open_partition(std::int32_t partition,
                                          const kafka_io::assignment_facts& facts) {
  auto& owned = owned_[partition];
  owned.source = {partition, ++last_epoch_};
  owned.records = args_.client->open(partition);
  owned.figures = std::make_shared<core::partition_figures>(owned.source);
  owned.figures->note_move(self_->clock().now());
  for (const auto& known : facts.committed) {
    if (known.partition != partition) continue;
    owned.committed = known.offset;
    owned.figures->committed.set(known.offset);
    owned.figures->position.set(known.offset);
  }
  const auto in_flight_age_max =
      args_.transactional.empty() ? std::optional{delivery_overdue} : std::nullopt;
  owned.actor =
      self_->spawn(partition_consumer, partition_consumer_args{
                                           .source = owned.source,
                                           .begin = owned.committed,
                                           .records = owned.records,
                                           .lookup = args_.lookup,
                                           .layout = facts.layout,
                                           .versions = args_.versions,
                                           .figures = owned.figures,
                                           .transformers = args_.transformers,
                                           .summary = args_.summary,
                                           .group = handle_of<group_consumer_actor>(self_),
                                           .credit = credit_share(),
                                           .batch_records_max = args_.batch_records_max,
                                           .in_flight_age_max = in_flight_age_max,
                                           .survey = args_.survey,
                                       });
  ++*readers_;
  call_when_ended(owned.actor, [readers = readers_] { --*readers; });
  tell_when_ended(owned.actor, args_.worker, actor_ended{"partition_consumer", {}});
  tell(args_.reporter, partition_opened{owned.figures});
}

set_credit group_consumer_state::credit_share() const {
  assert(!owned_.empty());
  if (pacing_.holds_reading()) return {};
  const std::size_t shares = args_.credit_is_pooled ? 1 : owned_.size();
  const auto& [records, bytes] = args_.credit_total;
  return {std::max<std::size_t>(1, records / shares), bytes / shares};
}

void group_consumer_state::share_credit() {
  for (auto& [partition, owned] : owned_) tell(owned.actor, credit_share());
}

// Giving partitions back: drain, commit, unassign.

void group_consumer_state::on(const kafka_io::partitions_revoked& revoked) {
  assigning_.clear();
  ++describe_ticket_;
  if (revoked.lost) {
    args_.figures->losses.add(1);
    args_.figures->membership.set(core::group_membership::joining);
    core::log_warning("partitions lost", {{"count", revoked.partitions.size()},
                                          {"partitions", core::ranges_text(revoked.partitions)}});
    for (const std::int32_t partition : revoked.partitions) close_partition(partition, true);
    args_.client->unassign(revoked.partitions);
    share_credit();
    return finish_draining();
  }
  args_.figures->revocations.add(1);
  forward_membership(revoked.member);
  core::crash_point("in_revoke");
  core::log_info("partitions revoked", {{"count", revoked.partitions.size()},
                                        {"partitions", core::ranges_text(revoked.partitions)}});
  // librdkafka waits for an answer to this too.
  if (revoked.partitions.empty()) args_.client->unassign({});
  drain_.to_give_back = revoked.partitions;
  start_draining();
  finish_draining();
}

void group_consumer_state::on(const kafka_io::membership_renewed& renewed) {
  forward_membership(renewed.member);
}

bool group_consumer_state::is_leaving(const owned_partition& owned) const {
  return phase_ != group_phase::member || contains(drain_.to_give_back, owned.source.partition);
}

void group_consumer_state::start_draining() {
  // What did not finish before consumption ended has had its time.
  drain_.late = phase_ > group_phase::ending;
  drain_.commit_late = false;
  for (auto& [partition, owned] : owned_) {
    if (!is_leaving(owned) || owned.draining) continue;
    owned.draining = true;
    tell(owned.actor, start_drain{});
  }
  set_commit_urgency(true);
  tell_after(handle_of<group_consumer_actor>(self_), args_.drain_timeout,
             drain_deadline{++drain_.ticket});
}

/// As this member we still own what is not closed: the events come one at a time, and nothing was
/// given to others since the last one was answered.
void group_consumer_state::forward_membership(const kafka_io::membership& member) {
  for (const auto& producer : args_.transactional) tell(producer, membership_changed{member});
}

void group_consumer_state::set_commit_urgency(bool urgent) {
  const bool on = urgent || phase_ != group_phase::member;
  for (const auto& producer : args_.transactional) tell(producer, commit_soon{on});
}

void group_consumer_state::note_drained(core::partition_epoch source) {
  if (auto* owned = find(source)) owned->drained = true;
  finish_draining();
}

void group_consumer_state::give_up_draining(std::uint64_t ticket) {
  if (ticket != drain_.ticket || !drains()) return;
  if (!drain_.late) {
    core::log_warning("drain deadline passed, what is in flight is left to the next owner");
    drain_.late = true;
    if (phase_ == group_phase::ending)  // The last summary waits with them.
      for (const auto& [partition, owned] : owned_)
        for (const auto& producer : args_.transactional) tell(producer, close_lane{owned.source});
    tell_after(handle_of<group_consumer_actor>(self_), last_commit_timeout,
               drain_deadline{drain_.ticket});
  } else {
    core::log_warning("offsets could not be committed in time");
    drain_.commit_late = true;
  }
  finish_draining();
}

/// Takes the next step of a revocation or of the end, where one can be taken.
void group_consumer_state::finish_draining() {
  if (!drains()) return;
  const auto holds_up = [this](const auto& entry) {
    return is_leaving(entry.second) && !entry.second.drained;
  };
  if (!drain_.late && std::any_of(owned_.begin(), owned_.end(), holds_up)) return;
  if (!drain_.commit_late && (pacing_.in_flight() || commit(true))) return;
  if (!drain_.to_give_back.empty()) finish_revocation();
  if (phase_ == group_phase::ending && assigning_.empty()) {
    phase_ = group_phase::ended;
    tell(args_.worker, consumption_ended{});
  }
}

void group_consumer_state::finish_revocation() {
  const auto partitions = std::exchange(drain_.to_give_back, {});
  for (const std::int32_t partition : partitions) close_partition(partition, false);
  args_.client->unassign(partitions);
  core::log_info("partitions given back", {{"count", partitions.size()},
                                           {"owned", owned_.size()},
                                           {"partitions", core::ranges_text(partitions)}});
  share_credit();
  set_commit_urgency(false);
}

void group_consumer_state::close_partition(std::int32_t partition, bool lost) {
  const auto at = owned_.find(partition);
  if (at == owned_.end()) return;
  const auto& owned = at->second;
  const bool may_repeat = args_.transactional.empty() && (lost || !owned.drained || owned.dirty());
  if (may_repeat) args_.figures->possible_repeats.add(owned.beyond_commit());
  end(owned.actor);
  for (const auto& producer : args_.producers) tell(producer, close_lane{owned.source});
  tell(args_.reporter, partition_closed{owned.source});
  ends_.forget(partition);
  owned_.erase(at);
  args_.figures->partitions.set(static_cast<std::int64_t>(owned_.size()));
}

group_consumer_state::owned_partition* group_consumer_state::find(core::partition_epoch source) {
  const auto at = owned_.find(source.partition);
  return at != owned_.end() && at->second.source == source ? &at->second : nullptr;
}

// Ending.

void group_consumer_state::end_consumption() {
  if (phase_ == group_phase::member) phase_ = group_phase::ending;
  start_draining();
  finish_draining();
}

void group_consumer_state::leave() {
  phase_ = group_phase::leaving;
  args_.figures->membership.set(core::group_membership::left);
  args_.client->start_close();
  poll();
}

void group_consumer_state::on(const kafka_io::client_error& failed) {
  if (failed.fatal) {
    core::log_error("consumer failed", {{"error", failed.error.text}});
    tell(args_.worker, consumer_failed{failed.error});
  } else if (error_log_.admit(self_->clock().now())) {
    core::log_warning("consumer error",
                      {{"error", failed.error.text}, {"suppressed", error_log_.suppressed}});
  }
}

void group_consumer_state::show_life() {
  args_.figures->life.note();
  for (const auto& [partition, owned] : owned_) tell(owned.actor, messages::show_life{});
}

group_consumer_actor::behavior_type group_consumer(group_consumer_state::self_ptr self,
                                                   group_consumer_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](const wake&) { state.poll(); },
      [&state](const tick&) { state.keep_alive(); },
      [&state](const commit_tick&) { state.commit_by_timer(); },
      [&state](const assignment_described& described) { state.open_assignment(described); },
      [&state](const log_ends_described& described) { state.note_ends(described); },
      [&state](const offset_advanced& advanced) { state.note_progress(advanced); },
      [&state](const drained& d) { state.note_drained(d.source); },
      [&state](const drain_deadline& late) { state.give_up_draining(late.ticket); },
      [&state](const messages::end_consumption&) { state.end_consumption(); },
      [&state](const leave_group&) { state.leave(); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
