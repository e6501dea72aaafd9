#include "kafka_io/time_order.hpp"

#include <algorithm>

#include "kafka_io/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

std::size_t bytes_of(const rd_kafka_message_t& message) { return message.len + message.key_len; }

}  // namespace

void time_order::add(place from, message_ptr message) {
  ++messages_;
  bytes_ += bytes_of(*message);
  held_[std::move(from)].push_back(std::move(message));
}

message_ptr time_order::next(const std::map<place, std::int64_t>& behind) {
  if (held_.empty()) return nullptr;
  const bool full = messages_ > messages_max || bytes_ > bytes_max;
  const bool complete = std::ranges::all_of(
      behind, [this](const auto& partition) { return held_.contains(partition.first); });
  if (!full && !complete) return nullptr;
  const auto oldest = std::ranges::min_element(
      held_, {}, [](const auto& partition) { return timestamp_of(*partition.second.front()); });
  message_ptr message = std::move(oldest->second.front());
  oldest->second.pop_front();
  if (oldest->second.empty()) held_.erase(oldest);
  --messages_;
  bytes_ -= bytes_of(*message);
  return message;
}

}  // namespace turnstile::kafka_io
