// Which assignments are over, as a producer was told: what comes late of them is dropped.
//
// A plain value of a producer's, used on its actor. Epochs of a partition only rise, so one number
// for each partition says it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "core/batch.hpp"

namespace turnstile::actors {

class closed_assignments {
public:
  void note(const core::partition_epoch& closed) {
    auto& until = epochs_[closed.partition];
    until = std::max(until, closed.epoch);
  }

  /// A summary's batch belongs to no assignment.
  [[nodiscard]] bool contain(const core::batch_source& source) const {
    if (source.is_summary()) return false;
    const auto closed = epochs_.find(source.assignment().partition);
    return closed != epochs_.end() && source.assignment().epoch <= closed->second;
  }

private:
  std::unordered_map<std::int32_t, std::uint64_t> epochs_;  ///< The last one that is over.
};

}  // namespace turnstile::actors
