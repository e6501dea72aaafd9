// Which offsets of one input partition the summaries cover, and how often.
//
// A plain value of its ledger, used by one thread. Neighbouring ranges that are covered equally
// often become one, so its size follows the number of holes and overlaps, not of summaries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "audit/fate_map.hpp"

namespace turnstile::audit {

class cover_set {
public:
  void add(offset_range range, std::int64_t times = 1);

  /// Calls `each(offset_range, std::int64_t times)` for what is covered within `range`, ascending.
  template <typename Each>
  void for_each(offset_range range, const Each& each) const {
    auto at = pieces_.upper_bound(range.low);
    if (at != pieces_.begin()) --at;
    for (; at != pieces_.end() && at->first < range.high; ++at) {
      const offset_range part{std::max(at->first, range.low),
                              std::min(at->second.high, range.high)};
      if (part.low < part.high) each(part, at->second.times);
    }
  }

  void drop_below(std::int64_t low);
  [[nodiscard]] std::size_t pieces() const { return pieces_.size(); }

private:
  struct piece {
    std::int64_t high = 0;
    std::int64_t times = 0;
  };

  void split_at(std::int64_t offset);
  void merge(std::int64_t low, std::int64_t high);

  std::map<std::int64_t, piece> pieces_;  ///< Disjoint, by their beginning.
};

}  // namespace turnstile::audit
