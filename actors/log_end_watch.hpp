// Watches where the logs of the owned partitions end, for their figures, and reports a transaction
// that is open in the input and holds a partition back.
//
// Owned by the group_consumer, called on it alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "core/figures.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::actors {

class log_end_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds interval{1000};
  /// So long a transaction may be open without a word.
  static constexpr std::chrono::milliseconds told_after{5000};
  /// Partitions with a line of their own for each answer; the others are counted.
  static constexpr std::size_t lines_max = 8;

  /// Whether to ask now: one question at a time.
  [[nodiscard]] bool ask(time_point now);

  /// Between `begin_answer` and `end_answer` each partition of the answer that is still owned.
  void begin_answer();
  void note(const kafka_io::log_end_fact& fact, core::partition_figures& of, time_point now);
  void end_answer();

  /// The partition is not owned any more.
  void forget(std::int32_t partition) { holds_.erase(partition); }

private:
  struct hold {
    std::int64_t at = -1;  ///< The first offset of the transaction.
    time_point since;
    bool told = false;
  };
  void begin_hold(const kafka_io::log_end_fact& fact, hold& by, time_point now);
  void end_hold(std::int32_t partition, const hold& over, time_point now);

  bool asked_ = false;
  time_point next_{};
  std::map<std::int32_t, hold> holds_;
  std::size_t held_ = 0, released_ = 0;  ///< Told by this answer.
};

}  // namespace turnstile::actors
