// What is known of the inputs of one partition that its topic no longer has: which have an output,
// and which are in a summary.
//
// A plain value of its ledger, used by one thread. A bit for each offset near which an output was
// found. GUARANTEES: at most `chunks_max` KiB; what would need more counts as untold, so that it is
// never taken for fine.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "audit/cover_set.hpp"
#include "audit/fate_map.hpp"

namespace turnstile::audit {

class removed_inputs {
public:
  static constexpr std::size_t chunks_max = 65'536;
  static constexpr std::size_t chunk_offsets = 8192;
  static constexpr std::size_t ranges_max = 1000;

  void add_output(std::int64_t offset);
  void add_cover(offset_range range) { covers_.add(range); }

  struct untold {
    std::int64_t count = 0;
    std::vector<offset_range> ranges;  ///< The first `ranges_max`.
  };

  /// The offsets of `range` without an output that no summary counted.
  [[nodiscard]] untold untold_in(offset_range range) const;

  /// From the first offset that a summary counted to the end of the last; empty: there is none.
  [[nodiscard]] offset_range covered() const { return covered_; }
  void note_covered(offset_range range);

private:
  using chunk = std::bitset<chunk_offsets>;

  void add_hole(offset_range hole, untold& to) const;

  std::map<std::int64_t, chunk> outputs_;  ///< By offset / chunk_offsets.
  cover_set covers_;
  offset_range covered_;
};

}  // namespace turnstile::audit
