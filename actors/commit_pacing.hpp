// When the group_consumer commits next, and when it reads nothing more because commits are late.
//
// A plain value, owned by the group_consumer and used on its actor: no Kafka, no timer, no clock of
// its own. It is told what happened and when.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace turnstile::actors {

class commit_pacing {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// Nothing more is read once commits go unanswered or fail for so many times as long as they take
  /// lately, within these bounds: what is read beyond the last commit is what the next owner
  /// repeats, should the group have put us out meanwhile. A slow commit costs nothing, as what is
  /// in flight keeps the others busy.
  static constexpr int overdue_times = 4;
  static constexpr milliseconds overdue_min{40}, overdue_max{200};

  /// And how long before somebody should know.
  static constexpr milliseconds told_after{1000};

  // The timer. It runs while there is something to commit only: an idle worker is not woken.

  /// True: it is to be started now.
  [[nodiscard]] bool start_timer() { return !std::exchange(timer_runs_, true); }
  void end_timer() { timer_runs_ = false; }
  /// Whether there is something to repeat, or to wait for.
  [[nodiscard]] bool goes_on() const { return in_flight_ || since_.has_value(); }

  // The commits.

  [[nodiscard]] bool in_flight() const { return in_flight_; }
  void send(time_point now) {
    in_flight_ = true;
    sent_at_ = now;
    if (!since_) since_ = now;
  }
  void fail() { in_flight_ = false; }
  /// How long it took.
  std::chrono::steady_clock::duration succeed(time_point now) {
    in_flight_ = false;
    since_.reset();
    const auto took = now - sent_at_;
    usual_time_ = (7 * usual_time_ + took) / 8;
    return took;
  }

  // Reading.

  enum class news : std::uint8_t { none, nothing_succeeds, succeeds_again };
  struct hold_state {
    bool changed = false;
    news to_tell = news::none;
  };
  /// Whether reading is to be held, or no longer.
  [[nodiscard]] hold_state look(time_point now) {
    hold_state found;
    if (!told_ && late_by(told_after, now)) {
      told_ = true;
      found.to_tell = news::nothing_succeeds;
    }
    const auto usual = std::chrono::ceil<milliseconds>(overdue_times * usual_time_);
    const bool overdue = late_by(std::clamp(usual, overdue_min, overdue_max), now);
    if (!overdue && std::exchange(told_, false)) found.to_tell = news::succeeds_again;
    found.changed = std::exchange(held_, overdue) != overdue;
    return found;
  }
  [[nodiscard]] bool holds_reading() const { return held_; }

  /// Partitions were assigned: what was late before is none of theirs.
  void begin_assignment() {
    since_.reset();
    held_ = told_ = false;
  }

private:
  [[nodiscard]] bool late_by(milliseconds time, time_point now) const {
    return since_ && now - *since_ > time;
  }

  bool timer_runs_ = false;
  bool in_flight_ = false;
  std::optional<time_point> since_;  ///< The first commit since the last that succeeded.
  time_point sent_at_;
  /// Smoothed; begins with what is taken for slow.
  std::chrono::steady_clock::duration usual_time_ = milliseconds(50);
  bool held_ = false;
  bool told_ = false;
};

}  // namespace turnstile::actors
