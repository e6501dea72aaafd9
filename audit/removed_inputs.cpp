#include "audit/removed_inputs.hpp"

#include <algorithm>

namespace turnstile::audit {

namespace {

constexpr auto chunk_size = static_cast<std::int64_t>(removed_inputs::chunk_offsets);

void add_range(offset_range range, removed_inputs::untold& to) {
  if (range.low >= range.high) return;
  to.count += range.size();
  if (!to.ranges.empty() && to.ranges.back().high == range.low) {
    to.ranges.back().high = range.high;
  } else if (to.ranges.size() < removed_inputs::ranges_max) {
    to.ranges.push_back(range);
  }
}

}  // namespace

void removed_inputs::add_output(std::int64_t offset) {
  if (offset < 0) return;
  auto found = outputs_.find(offset / chunk_size);
  if (found == outputs_.end()) {
    if (outputs_.size() >= chunks_max) return;
    found = outputs_.try_emplace(offset / chunk_size).first;
  }
  found->second.set(static_cast<std::size_t>(offset % chunk_size));
}

void removed_inputs::note_covered(offset_range range) {
  if (covered_.size() == 0) {
    covered_ = range;
  } else {
    covered_ = {std::min(covered_.low, range.low), std::max(covered_.high, range.high)};
  }
}

removed_inputs::untold removed_inputs::untold_in(offset_range range) const {
  untold found;
  if (range.low >= range.high) return found;
  std::int64_t next = range.low;
  covers_.for_each(range, [&](offset_range part, std::int64_t) {
    add_hole({next, part.low}, found);
    next = part.high;
  });
  add_hole({next, range.high}, found);
  return found;
}

void removed_inputs::add_hole(offset_range hole, untold& to) const {
  std::int64_t next = hole.low;
  const auto end = outputs_.lower_bound((hole.high + chunk_size - 1) / chunk_size);
  for (auto at = outputs_.lower_bound(hole.low / chunk_size); at != end; ++at) {
    const std::int64_t base = at->first * chunk_size;
    const std::int64_t high = std::min(base + chunk_size, hole.high);
    for (std::int64_t offset = std::max(base, hole.low); offset < high; ++offset) {
      if (!at->second.test(static_cast<std::size_t>(offset - base))) continue;
      add_range({next, offset}, to);
      next = offset + 1;
    }
  }
  add_range({next, hole.high}, to);
}

}  // namespace turnstile::audit
