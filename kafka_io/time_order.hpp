// Messages of several partitions, handed on in the order of their times as far as that is known.
//
// Owned and used by one thread. GUARANTEES: those of one partition keep their order, whatever their
// times; no more is held than `messages_max` and `bytes_max` and what one call of `add` brings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "kafka_io/handles.hpp"

namespace turnstile::kafka_io {

class time_order {
public:
  using place = std::pair<std::string, std::int32_t>;  ///< Topic and partition.

  static constexpr std::size_t messages_max = 200'000;
  static constexpr std::size_t bytes_max = std::size_t{64} * 1024 * 1024;

  void add(place from, message_ptr message);

  /// The oldest of those that are next in their partitions. Null: there is none, or one of the
  /// partitions of `behind` has none here, and may bring an older one.
  [[nodiscard]] message_ptr next(const std::map<place, std::int64_t>& behind);

  /// The same without waiting for anybody.
  [[nodiscard]] message_ptr next() { return next({}); }

  [[nodiscard]] bool empty() const { return held_.empty(); }

private:
  std::map<place, std::deque<message_ptr>> held_;  ///< Without empty ones.
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace turnstile::kafka_io
