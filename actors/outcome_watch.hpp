// Warns when records come and none is processed, because all are filtered or refused: mostly by a
// wrong filter, or as events of another form.
//
// Owned by the metrics_reporter, called on it alone, on a timer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "core/figures.hpp"
#include "core/reason.hpp"

namespace turnstile::actors {

class outcome_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How long nothing may be processed without a word.
  static constexpr std::chrono::seconds told_after{10};
  /// So many records must have come meanwhile, unless nothing was ever processed: of a trickle a
  /// single bad one may be all that comes in ten seconds.
  static constexpr std::int64_t records_min = 10;

  /// Totals since the start.
  struct totals {
    std::int64_t processed = 0, filtered = 0;
    std::array<std::int64_t, core::reason_count> by_reason{};

    [[nodiscard]] std::int64_t refused() const;
  };
  void note(const totals& now, time_point at);

private:
  /// Of `by_reason`, or past its end: the filter.
  [[nodiscard]] std::size_t main_cause(const totals& now) const;

  totals before_;  ///< When something was processed, or told, last.
  std::optional<time_point> since_;
  std::set<std::size_t> told_;  ///< Since something was processed.
};

}  // namespace turnstile::actors
