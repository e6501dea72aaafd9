// How the group_consumer commits: when, what, and what follows where it does not succeed.

#include <utility>
#include <vector>

#include "actors/group_consumer.hpp"
#include "core/crash_point.hpp"

namespace turnstile::actors {

using namespace messages;
void group_consumer_state::note_progress(const offset_advanced& advanced) {
  const core::busy_time busy{args_.figures->busy_us};
  auto* const owned = find(advanced.source);
  if (owned == nullptr || (!advanced.by_records && !args_.transactional.empty())) return;
  owned->committable = advanced.next_offset;
  if (args_.transactional.empty()) return start_commit_timer();
  // A transaction has done it.
  owned->committed = advanced.next_offset;
  owned->figures->committed.set(advanced.next_offset);
  owned->figures->note_move(self_->clock().now());
}

void group_consumer_state::start_commit_timer() {
  if (phase_ == group_phase::left || !pacing_.start_timer()) return;
  tell_after(handle_of<group_consumer_actor>(self_), args_.commit_interval, commit_tick{});
}

void group_consumer_state::commit_by_timer() {
  const core::busy_time busy{args_.figures->busy_us};
  pacing_.end_timer();
  if (phase_ == group_phase::left) return;
  if (!pacing_.in_flight()) commit(false);
  hold_reading_while_commits_fail();
  if (pacing_.goes_on()) start_commit_timer();
}

void group_consumer_state::hold_reading_while_commits_fail() {
  const auto hold = pacing_.look(self_->clock().now());
  if (hold.to_tell == commit_pacing::news::nothing_succeeds)
    core::log_warning("no commit succeeds, reading waits");
  if (hold.to_tell == commit_pacing::news::succeeds_again)
    core::log_info("commits succeed again, reading goes on");
  if (hold.changed) share_credit();
}

/// False: there was nothing to commit.
bool group_consumer_state::commit(bool only_leaving) {
  std::vector<kafka_io::partition_offset> offsets;
  for (const auto& [partition, owned] : owned_)
    if (owned.dirty() && (!only_leaving || is_leaving(owned)))
      offsets.push_back({partition, owned.committable});
  if (offsets.empty()) return false;
  pacing_.send(self_->clock().now());
  core::crash_point("before_commit");
  args_.client->commit(offsets);
  start_commit_timer();
  return true;
}

void group_consumer_state::on(const kafka_io::commit_finished& finished) {
  if (finished.error) {
    pacing_.fail();
    args_.figures->commit_failures.add(1);
    if (commit_log_.admit(self_->clock().now()))
      core::log_warning("commit failed",
                        {{"error", finished.error->text}, {"suppressed", commit_log_.suppressed}});
    // The commit timer repeats it; at once would be a busy loop while the coordinator is away.
    if (finished.error->retriable) return;
    // Somebody else owns the partitions already, or will when this rebalance is over.
    drain_.commit_late = true;
  } else {
    args_.figures->commits.add(1);
    args_.figures->last_commit_ms.set(core::wall_clock_ms());
    const auto took = pacing_.succeed(self_->clock().now());
    args_.figures->commit.record(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count(), 1);
    hold_reading_while_commits_fail();
    core::crash_point("after_commit");
    for (const auto& [partition, offset] : finished.offsets) {
      const auto at = owned_.find(partition);
      if (at == owned_.end()) continue;
      at->second.committed = offset;
      at->second.figures->committed.set(offset);
      at->second.figures->note_move(self_->clock().now());
    }
  }
  finish_draining();
}

}  // namespace turnstile::actors
