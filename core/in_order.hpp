// Puts what arrives in any order back into the order of its sequence numbers.
//
// A plain value, used by one thread. Holds what came early; the caller's credit bounds how much.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace turnstile::core {

template <class T>
class in_order {
public:
  /// REQUIRES: each `seq` once, from 0 on.
  void put(std::uint64_t seq, T item) { early_.emplace(seq, std::move(item)); }

  /// The next in sequence, once it is there.
  [[nodiscard]] std::optional<T> next() {
    const auto first = early_.begin();
    if (first == early_.end() || first->first != next_seq_) return std::nullopt;
    std::optional<T> item{std::move(first->second)};
    early_.erase(first);
    ++next_seq_;
    return item;
  }

private:
  std::uint64_t next_seq_ = 0;
  std::map<std::uint64_t, T> early_;
};

}  // namespace turnstile::core
