// The timestamps of one partition's inputs: they tell outputs of the input topic from those of an
// earlier topic of the same name, whose offsets were the same.
//
// A plain value of an auditor, read once and then constant; used by one thread. Only for partitions
// where such outputs were seen. GUARANTEES: eight bytes an offset.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "audit/fate_map.hpp"

namespace turnstile::audit {

class input_times {
public:
  /// Of all partitions together, to be kept by whoever makes them.
  static constexpr std::int64_t offsets_max = 50'000'000;

  explicit input_times(offset_range range)
    : low_(range.low), times_(static_cast<std::size_t>(range.size()), none) {}

  /// REQUIRES: the offset is in the range.
  void add(std::int64_t offset, std::int64_t timestamp_ms) {
    times_[static_cast<std::size_t>(offset - low_)] = timestamp_ms;
    if (timestamp_ms >= 0) earliest_ = std::min(earliest_, timestamp_ms);
  }

  /// Nothing where there is no input, or one without a timestamp.
  [[nodiscard]] std::optional<std::int64_t> at(std::int64_t offset) const {
    const auto size = static_cast<std::int64_t>(times_.size());
    if (offset < low_ || offset - low_ >= size) return {};
    const std::int64_t time = times_[static_cast<std::size_t>(offset - low_)];
    return time < 0 ? std::nullopt : std::optional{time};
  }

  /// Of all of them; larger than any where there is none.
  [[nodiscard]] std::int64_t earliest() const { return earliest_; }

private:
  static constexpr std::int64_t none = -1;

  std::int64_t low_;
  std::int64_t earliest_ = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> times_;
};

}  // namespace turnstile::audit
