// What the worker knows about the topics it writes: partitions, size limits, and what they refuse.
//
// Read from the brokers at each assignment and constant for that assignment, so that a record's
// place never changes while its neighbours are in flight. Only a lane whose deliveries fail, since
// a topic was made anew with fewer partitions, goes on by a later one. Any thread may read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "core/record.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

/// The topics the worker writes.
enum class output_topic : std::uint8_t { processed, errors, cleaned, summary };
inline constexpr std::size_t output_topic_count = 4;

[[nodiscard]] constexpr std::string_view name_of(output_topic t) {
  constexpr std::array<std::string_view, output_topic_count> names{"processed", "errors", "cleaned",
                                                                   "summary"};
  return names[static_cast<std::size_t>(t)];
}

/// Their names at the brokers, in the order of output_topic.
[[nodiscard]] inline std::array<std::string, output_topic_count> output_topics(const settings& s) {
  return {s.topics.processed, s.topics.errors, s.topics.cleaned, s.topics.summary};
}

/// `max.message.bytes` where the broker does not tell: Kafka's default.
inline constexpr std::size_t record_bytes_max_default = 1048588;

/// Beside its size, what a topic asks of a record. Where it cannot be read: nothing.
struct record_rules {
  static constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
  /// Brokers' clocks and ours may differ by so much. What is nearer to a bound is sent.
  static constexpr std::int64_t clock_margin_ms = 60'000;

  std::int64_t timestamp_before_max_ms = any;  ///< So far in the past.
  std::int64_t timestamp_after_max_ms = any;   ///< So far in the future.
  bool needs_key = false;                      ///< It is compacted.

  /// Whether a broker will refuse it for certain. A timestamp below 0 is that of the writing.
  [[nodiscard]] bool refuse_timestamp(std::int64_t timestamp_ms, std::int64_t now_ms) const {
    if (timestamp_ms < 0) return false;
    const std::int64_t ahead = timestamp_ms - now_ms;
    return ahead - clock_margin_ms > timestamp_after_max_ms ||
           -ahead - clock_margin_ms > timestamp_before_max_ms;
  }

  friend bool operator==(const record_rules&, const record_rules&) = default;
};

struct topic_layout {
  std::int32_t input_partitions = 1;
  std::array<std::int32_t, output_topic_count> partitions{1, 1, 1, 1};
  /// `max.message.bytes` of each topic, or the broker's default where it cannot be read.
  std::array<std::size_t, output_topic_count> record_bytes_max{
      record_bytes_max_default, record_bytes_max_default, record_bytes_max_default,
      record_bytes_max_default};
  std::array<record_rules, output_topic_count> rules{};
  core::partitioner partitioner{};

  [[nodiscard]] std::int32_t count(output_topic t) const {
    return partitions[static_cast<std::size_t>(t)];
  }
  [[nodiscard]] std::size_t bytes_max(output_topic t) const {
    return record_bytes_max[static_cast<std::size_t>(t)];
  }
  [[nodiscard]] const record_rules& rules_of(output_topic t) const {
    return rules[static_cast<std::size_t>(t)];
  }

  friend bool operator==(const topic_layout&, const topic_layout&) = default;
};

/// Whether a topic has fewer partitions than it had in `before`.
[[nodiscard]] bool has_shrunk(const topic_layout& layout, const topic_layout& before);

/// Kafka's murmur2 (org.apache.kafka.common.utils.Utils), seed 0x9747b28c.
[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);

/// The partition of `topic` for a record of `source_partition`: the same number where the topic has
/// at least as many partitions as the input and the layout says `source`; else by key as Java's
/// default partitioner; without a key the source partition modulo. A summary has no source
/// partition.
[[nodiscard]] std::int32_t output_partition(const topic_layout& layout, output_topic topic,
                                            std::optional<std::int32_t> source_partition,
                                            const maybe_bytes& key);

}  // namespace turnstile::core
