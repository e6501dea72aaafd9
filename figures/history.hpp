// What a worker did over the last minutes, for a reader that comes later: totals, at intervals.
//
// Owned by the endpoints, noted and read on the server's thread alone. GUARANTEES: at most
// `samples_max` of them; counts only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "core/reason.hpp"
#include "figures/registry.hpp"

namespace turnstile::figures {

class history {
public:
  static constexpr std::chrono::seconds interval{5};
  static constexpr std::size_t samples_max = 181;  ///< A quarter of an hour.

  /// Totals since the start.
  struct sample {
    std::int64_t at_ms = 0;  ///< Since the epoch.
    std::int64_t processed = 0, filtered = 0, failed = 0;
    std::optional<std::int64_t> lag;
    std::array<std::int64_t, core::reason_count> by_reason{};
  };

  void note(const registry& figures, const moment& at);
  [[nodiscard]] const std::deque<sample>& samples() const { return samples_; }

private:
  std::deque<sample> samples_;
};

}  // namespace turnstile::figures
