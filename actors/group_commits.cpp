// How the group_consumer commits: when, what, and what follows where it does not succeed.

#include <algorithm>
#include <utility>

#include "actors/group_consumer.hpp"
#include "core/crash_point.hpp"

namespace turnstile::actors {

using namespace messages;
using std::chrono::milliseconds;

namespace {

/// Nothing more is read once commits go unanswered or fail for so many times as long as they take
/// lately, within these bounds: what is read beyond the last commit is what the next owner repeats,
/// should the group have put us out meanwhile. A slow commit costs nothing, as what is in flight
/// keeps the others busy.
constexpr int commit_overdue_times = 4;
constexpr milliseconds commit_overdue_min{40}, commit_overdue_max{200};

/// And how long before somebody should know.
constexpr milliseconds commit_overdue_told{1000};

}  // namespace

void group_consumer_state::note_progress(const offset_advanced& advanced) {
  auto* const owned = find(advanced.source);
  if (owned == nullptr || (!advanced.by_records && !args_.transactional.empty())) return;
  owned->committable = advanced.next_offset;
  if (args_.transactional.empty()) return start_commit_timer();
  // A transaction has done it.
  owned->committed = advanced.next_offset;
  owned->figures->committed.set(advanced.next_offset);
}

/// It runs while there is something to commit only: an idle worker is not woken.
void group_consumer_state::start_commit_timer() {
  if (left_ || std::exchange(commit_timer_runs_, true)) return;
  tell_after(handle_of<group_consumer_actor>(self_), args_.commit_interval, commit_tick{});
}

void group_consumer_state::commit_by_timer() {
  commit_timer_runs_ = false;
  if (left_) return;
  if (!commit_in_flight_) commit(false);
  hold_reading_while_commits_fail();
  if (commit_in_flight_ || committing_since_) start_commit_timer();
}

void group_consumer_state::hold_reading_while_commits_fail() {
  const auto since = [this](milliseconds time) {
    return committing_since_ && self_->clock().now() - *committing_since_ > time;
  };
  if (!hold_told_ && since(commit_overdue_told)) {
    hold_told_ = true;
    core::log_warning("no commit succeeds, reading waits");
  }
  const bool overdue =
      since(std::clamp(std::chrono::ceil<milliseconds>(commit_overdue_times * usual_commit_time_),
                       commit_overdue_min, commit_overdue_max));
  if (!overdue && std::exchange(hold_told_, false))
    core::log_info("commits succeed again, reading goes on");
  if (std::exchange(reading_held_, overdue) != overdue) share_credit();
}

/// False: there was nothing to commit.
bool group_consumer_state::commit(bool only_leaving) {
  std::vector<kafka_io::partition_offset> offsets;
  for (const auto& [partition, owned] : owned_)
    if (owned.dirty() && (!only_leaving || leaving(owned)))
      offsets.push_back({partition, owned.committable});
  if (offsets.empty()) return false;
  commit_in_flight_ = true;
  commit_sent_at_ = self_->clock().now();
  if (!committing_since_) committing_since_ = commit_sent_at_;
  core::crash_point("before_commit");
  args_.client->commit(offsets);
  start_commit_timer();
  return true;
}

void group_consumer_state::on(const kafka_io::commit_finished& finished) {
  commit_in_flight_ = false;
  if (finished.error) {
    args_.figures->commit_failures.add(1);
    if (commit_log_.admit(std::chrono::steady_clock::now()))
      core::log_warning("commit failed",
                        {{"error", finished.error->text}, {"suppressed", commit_log_.suppressed}});
    // The commit timer repeats it; at once would be a busy loop while the coordinator is away.
    if (finished.error->retriable) return;
    // Somebody else owns the partitions already, or will when this rebalance is over.
    commit_late_ = true;
  } else {
    args_.figures->commits.add(1);
    usual_commit_time_ = (7 * usual_commit_time_ + (self_->clock().now() - commit_sent_at_)) / 8;
    committing_since_.reset();
    hold_reading_while_commits_fail();
    core::crash_point("after_commit");
    for (const auto& [partition, offset] : finished.offsets) {
      const auto at = owned_.find(partition);
      if (at == owned_.end()) continue;
      at->second.committed = offset;
      at->second.figures->committed.set(offset);
    }
  }
  settle();
}

}  // namespace turnstile::actors
