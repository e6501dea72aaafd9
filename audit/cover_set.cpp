#include "audit/cover_set.hpp"

#include <iterator>

namespace turnstile::audit {

void cover_set::split_at(std::int64_t offset) {
  auto after = pieces_.upper_bound(offset);
  if (after == pieces_.begin()) return;
  auto& [low, at] = *std::prev(after);
  if (low == offset || at.high <= offset) return;
  pieces_.emplace_hint(after, offset, piece{at.high, at.times});
  at.high = offset;
}

void cover_set::add(offset_range range, std::int64_t times) {
  if (range.low >= range.high || times <= 0) return;
  split_at(range.low);
  split_at(range.high);
  std::int64_t next = range.low;
  for (auto at = pieces_.lower_bound(range.low); next < range.high;) {
    if (at == pieces_.end() || at->first > next) {
      const std::int64_t end = at == pieces_.end() ? range.high : std::min(at->first, range.high);
      at = pieces_.emplace_hint(at, next, piece{end, 0});
    }
    at->second.times += times;
    next = at->second.high;
    ++at;
  }
  merge(range.low, range.high);
}

/// Joins equal neighbours from the piece before `low` to the one that begins at `high`.
void cover_set::merge(std::int64_t low, std::int64_t high) {
  auto at = pieces_.lower_bound(low);
  if (at != pieces_.begin()) --at;
  for (auto next = std::next(at); next != pieces_.end() && next->first <= high;) {
    if (at->second.high == next->first && at->second.times == next->second.times) {
      at->second.high = next->second.high;
      next = pieces_.erase(next);
    } else {
      at = next++;
    }
  }
}

void cover_set::drop_below(std::int64_t low) {
  split_at(low);
  pieces_.erase(pieces_.begin(), pieces_.lower_bound(low));
}

}  // namespace turnstile::audit
