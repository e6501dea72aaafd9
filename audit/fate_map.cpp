#include "audit/fate_map.hpp"

#include <algorithm>
#include <cassert>

namespace turnstile::audit {

fate_map::fate_map(std::int64_t low) : low_(low), high_(low), base_(low - low % 2) {}

void fate_map::extend(std::int64_t high) {
  if (high <= high_) return;
  const auto chunks = (high - base_ + chunk_offsets - 1) / chunk_offsets;
  while (static_cast<std::int64_t>(chunks_.size()) < chunks) chunks_.emplace_back();
  high_ = high;
}

void fate_map::drop_below(std::int64_t low) {
  low_ = std::clamp(low, low_, high_);
  while (!chunks_.empty() && base_ + chunk_offsets <= low_) {
    chunks_.pop_front();
    base_ += chunk_offsets;
  }
}

offset_state fate_map::at(std::int64_t offset) const {
  assert(holds(offset));
  const std::uint8_t pair = pair_at(byte_of(offset));
  return offset_state::of_bits((offset - base_) % 2 == 0 ? pair : pair >> 4U);
}

fate_map::chunk& fate_map::chunk_of(std::size_t byte) {
  chunk& of = chunks_[byte / chunk_bytes];
  if (of.empty()) of.resize(chunk_bytes);
  return of;
}

std::size_t fate_map::bytes() const {
  const auto used = std::ranges::count_if(chunks_, [](const chunk& of) { return !of.empty(); });
  return static_cast<std::size_t>(used) * chunk_bytes;
}

void fate_map::set(std::int64_t offset, offset_state state) {
  assert(holds(offset));
  const std::size_t byte = byte_of(offset);
  std::uint8_t& pair = chunk_of(byte)[byte % chunk_bytes];
  const bool first = (offset - base_) % 2 == 0;
  const unsigned kept = first ? pair & 0xf0U : pair & 0x0fU;
  pair = static_cast<std::uint8_t>(kept | (first ? state.bits() : state.bits() << 4U));
}

void fate_map::fill(offset_range range, offset_state state) {
  const auto both = static_cast<std::uint8_t>(state.bits() | state.bits() << 4U);
  std::int64_t at = range.low;
  while (at < range.high) {
    if ((at - base_) % 2 != 0 || at + 1 == range.high) {
      set(at++, state);
      continue;
    }
    const std::size_t byte = byte_of(at);
    const std::size_t begin = byte % chunk_bytes;
    const auto bytes = std::min(static_cast<std::size_t>(range.high - at) / 2, chunk_bytes - begin);
    std::fill_n(chunk_of(byte).begin() + static_cast<std::ptrdiff_t>(begin), bytes, both);
    at += static_cast<std::int64_t>(2 * bytes);
  }
}

std::int64_t fate_map::run_end(std::int64_t from, std::int64_t to) const {
  const offset_state state = at(from);
  const auto both = static_cast<std::uint8_t>(state.bits() | state.bits() << 4U);
  std::int64_t end = from + 1;
  while (end < to) {
    if ((end - base_) % 2 == 0 && end + 1 < to && pair_at(byte_of(end)) == both) {
      end += 2;
    } else if (at(end) == state) {
      ++end;
    } else {
      break;
    }
  }
  return end;
}

}  // namespace turnstile::audit
