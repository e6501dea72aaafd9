// Puts messages of several partitions into the order of their times, as far as these are known.
//
// Owned and used by one thread; knows nothing of what a message is. GUARANTEES: those of one
// partition keep their order, whatever their times; once more is held than `limits` allows, `next`
// waits for nobody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace turnstile::kafka_io {

template <typename Message>
class time_order {
public:
  using place = std::pair<std::string, std::int32_t>;  ///< Topic and partition.

  struct limits {
    std::size_t messages_max = 200'000;
    std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
  };

  time_order() = default;
  explicit time_order(const limits& most) : most_(most) {}

  void add(place from, Message message, std::int64_t timestamp_ms, std::size_t bytes) {
    ++messages_;
    bytes_ += bytes;
    held_[std::move(from)].push_back({std::move(message), timestamp_ms, bytes});
  }

  /// The oldest of those that are next in their partitions. None: there is none, or one of the
  /// partitions of `behind` has none here, and may bring an older one. REQUIRES: `behind` only
  /// shrinks from call to call.
  template <typename Value>
  [[nodiscard]] std::optional<Message> next(const std::map<place, Value>& behind) {
    // Only a partition that was emptied can have made it incomplete.
    complete_ = complete_ || std::ranges::all_of(behind, [this](const auto& partition) {
                  return held_.contains(partition.first);
                });
    const bool full = messages_ > most_.messages_max || bytes_ > most_.bytes_max;
    if (!complete_ && !full) return std::nullopt;
    return next();
  }

  /// The same without waiting for anybody.
  [[nodiscard]] std::optional<Message> next() {
    if (held_.empty()) return std::nullopt;
    const auto oldest = std::ranges::min_element(
        held_, {}, [](const auto& partition) { return partition.second.front().timestamp_ms; });
    auto& first = oldest->second.front();
    std::optional<Message> message{std::move(first.message)};
    --messages_;
    bytes_ -= first.bytes;
    oldest->second.pop_front();
    if (oldest->second.empty()) {
      held_.erase(oldest);
      complete_ = false;
    }
    return message;
  }

  [[nodiscard]] bool empty() const { return held_.empty(); }

private:
  struct held_message {
    Message message;
    std::int64_t timestamp_ms = 0;
    std::size_t bytes = 0;
  };

  limits most_;
  std::map<place, std::deque<held_message>> held_;  ///< Without empty ones.
  bool complete_ = false;  ///< Each partition that is behind has a message here.
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace turnstile::kafka_io
