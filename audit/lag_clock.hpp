// Which inputs have been there for how long: where each input partition ended at which time.
//
// A plain value of a moving audit, used by one thread. Times are given, never taken. GUARANTEES: an
// input counts as older than the bound only if it was seen that long ago; at most `marks_max` marks
// are kept.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace turnstile::audit {

class lag_clock {
public:
  static constexpr std::size_t marks_max = 1000;

  struct mark {
    std::int64_t at_ms = 0;
    std::vector<std::int64_t> ends;  ///< By partition.
  };

  explicit lag_clock(std::int64_t lag_max_ms) : lag_max_ms_(lag_max_ms) {}

  void add(std::int64_t now_ms, std::vector<std::int64_t> ends);

  /// All inputs of `partition` below it were there `lag_max_ms` before `now_ms`.
  [[nodiscard]] std::int64_t due_end(std::int64_t now_ms, std::size_t partition) const;

  [[nodiscard]] const std::deque<mark>& marks() const { return marks_; }

private:
  std::int64_t lag_max_ms_;
  std::deque<mark> marks_;  ///< Ascending; the first may be older than the bound.
};

}  // namespace turnstile::audit
