#include "audit/lag_clock.hpp"

#include <utility>

namespace turnstile::audit {

void lag_clock::add(std::int64_t now_ms, std::vector<std::int64_t> ends) {
  marks_.push_back({now_ms, std::move(ends)});
  // Of those beyond the bound only the latest says something.
  while (marks_.size() > 1 && marks_[1].at_ms <= now_ms - lag_max_ms_) marks_.pop_front();
  // Leaving out every second one makes inputs count as younger, at worst.
  if (marks_.size() <= marks_max) return;
  std::deque<mark> kept;
  for (std::size_t m = 0; m < marks_.size(); m += 2) kept.push_back(std::move(marks_[m]));
  marks_ = std::move(kept);
}

std::int64_t lag_clock::due_end(std::int64_t now_ms, std::size_t partition) const {
  std::int64_t end = 0;
  for (const auto& seen : marks_) {
    if (seen.at_ms > now_ms - lag_max_ms_) break;
    if (partition < seen.ends.size()) end = seen.ends[partition];
  }
  return end;
}

}  // namespace turnstile::audit
