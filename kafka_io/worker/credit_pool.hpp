// How much is in flight of all partitions together, and whose records hold up the others.
//
// Pure arithmetic, owned by rd_shared_fetch, which guards it. REQUIRES: from one call of `room` to
// the next no more is taken than it said. GUARANTEES: never more than `most` and the part for who
// is stuck is held, besides what records larger than the last ones add, and what is spent after
// they were taken.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

#include "core/batch.hpp"
#include "kafka_io/client/memory_shares.hpp"

namespace turnstile::kafka_io {

struct in_flight {
  std::size_t records = 0;
  std::size_t bytes = 0;  ///< Keys, values and what we spend on each record.

  in_flight& operator+=(in_flight other) {
    records += other.records;
    bytes += other.bytes;
    return *this;
  }
  in_flight& operator-=(in_flight other) {
    records -= other.records;
    bytes -= other.bytes;
    return *this;
  }
};

class credit_pool {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A partition of which nothing was finished for so many times as long as it takes the others
  /// lately, within these bounds, is stuck.
  static constexpr int stuck_after_times = 3;
  static constexpr std::chrono::milliseconds stuck_after{500}, stuck_after_max{2000};
  /// What they hold makes room for others up to this part of `most`: one in so many.
  static constexpr int aside_part = shared_credit_aside_part;

  explicit credit_pool(in_flight most) : most_(most) {}

  /// How many records may be taken, at most `wanted`, of the size of the last ones. 0: give back
  /// first; also where it would be less than a quarter, which makes small batches. While only those
  /// set aside hold something, at least 1 for as long as there is room at all.
  [[nodiscard]] std::size_t room(std::size_t wanted) const;

  void take(core::partition_epoch by, in_flight amount, time_point now);
  /// Adds what `by` spends on the records it holds: nothing where it holds none.
  void spend(core::partition_epoch by, std::size_t bytes);
  void give_back(core::partition_epoch by, in_flight amount, time_point now);
  /// Gives back all that it holds.
  void forget(core::partition_epoch by);

  /// Sets aside who is stuck: they must take nothing until `take_recovered` names them, and what
  /// they hold makes room for others.
  std::vector<core::partition_epoch> set_stuck_aside(time_point now);
  /// Those set aside who hold nothing any more.
  std::vector<core::partition_epoch> take_recovered();

private:
  struct holder {
    in_flight held;
    time_point moved_at;  ///< When it began to hold something, or gave back last.
    bool aside = false;
  };

  in_flight most_;
  in_flight held_;
  in_flight aside_;  ///< The part of `held_` that is set aside.
  /// From one time that a partition moved to the next: the mean of about the last dozen, of whoever
  /// is not set aside.
  time_point::duration usual_gap_{};
  std::size_t record_bytes_ = 1;
  std::map<core::partition_epoch, holder> holders_;  ///< Who holds something, or is set aside.
};

}  // namespace turnstile::kafka_io
