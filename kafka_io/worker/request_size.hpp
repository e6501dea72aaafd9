// How large a producer's requests may be: what the topics' limits allow, as far as they are known.
//
// One for all producer clients of a worker, so that a size that was learned outlives the client
// that learned it, and a rebalance. Any thread may call it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>

namespace turnstile::kafka_io {

class request_size {
public:
  /// Below it nothing is learned: it is for one record that such a request is refused, or for a
  /// limit that no topic for events has.
  static constexpr std::size_t least_learned = 16'384;

  [[nodiscard]] std::size_t bytes() const { return bytes_.load(); }

  void lower_to(std::size_t bytes) {
    std::size_t now = bytes_.load();
    while (bytes < now && !bytes_.compare_exchange_weak(now, bytes)) {
    }
  }

  /// A request of `refused` bytes or less, of several records, was too large. From now on half of
  /// it.
  void learn(std::size_t refused) { lower_to(std::max(refused / 2, least_learned)); }

  /// True for one caller in a while: a limit is found in a few steps, of which one is told.
  bool admit_warning(std::chrono::steady_clock::time_point now) {
    auto last = warned_at_.load();
    return (last == never || now - last >= warning_interval) &&
           warned_at_.compare_exchange_strong(last, now);
  }

private:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr time_point never = time_point::min();
  static constexpr std::chrono::minutes warning_interval{1};

  std::atomic<time_point> warned_at_{never};
  std::atomic<std::size_t> bytes_{std::numeric_limits<std::size_t>::max()};
};

}  // namespace turnstile::kafka_io
