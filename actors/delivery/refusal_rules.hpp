// What a producer's lanes have learned of the records that their topics refuse.
//
// A plain value on the lanes' target_board, used on their producer's actor. It matters where the
// topics' settings cannot be read, or changed since: each record that is refused alone says more
// than its own fate. A topic that refused a timestamp refuses what is further away on the same
// side; one that refused records for having no key, all that have none. Such records become error
// records without being tried. What is only likely to be refused, for its size say, goes alone, so
// that its neighbours are not refused with it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/batch.hpp"
#include "kafka_io/error_code.hpp"

namespace turnstile::actors {

class refusal_rules {
public:
  using steady_time = std::chrono::steady_clock::time_point;

  /// Bounds move with the broker's clock, and settings may change: then the topic is asked again,
  /// by the next record that is suspected. With exactly-once that costs half a second.
  static constexpr std::chrono::seconds certain_for{5};
  static constexpr std::chrono::seconds suspected_for{30};

  /// Refusals in a row before a key is taken for what is missing: invalid_record has other causes.
  static constexpr std::int64_t keyless_refusals = 3;

  /// `record` was refused alone.
  void learn(const core::output_record& record, kafka_io::error_kind why, steady_time now);

  /// A broker took `record`: what was suspected of its like is not so.
  void note_taken(const core::output_record& record);

  /// Another value than before: there is more to know.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Whether anything is.
  [[nodiscard]] bool certain(steady_time now) const { return now < certain_until_; }

  /// Why its topic refuses it for certain; nothing: it does not.
  [[nodiscard]] std::optional<kafka_io::error_kind> refusal_of(const core::output_record& record,
                                                               steady_time now) const;

  /// Whether it is like one that was refused lately.
  [[nodiscard]] bool suspects(const core::output_record& record, steady_time now) const;

private:
  /// Of a record that was refused.
  struct bound {
    std::int64_t value = 0;
    steady_time learned_at{};
  };
  struct topic_rules {
    std::optional<bound> after_ms;   ///< Its timestamp, which is too far ahead.
    std::optional<bound> before_ms;  ///< Too far behind; negated.
    std::optional<bound> bytes;
    std::optional<bound> keyless;  ///< How many, in a row.
  };
  [[nodiscard]] std::optional<kafka_io::error_kind> refusal_of(const core::output_record& record,
                                                               steady_time since,
                                                               std::int64_t keyless_min) const;
  topic_rules& rules_of(const core::output_record& record) {
    return topics_[static_cast<std::size_t>(record.topic)];
  }

  std::array<topic_rules, core::output_topic_count> topics_;
  std::uint64_t version_ = 0;
  steady_time certain_until_ = steady_time::min();
};

/// Of the records of one request that was refused, the one with the most is the likely
/// one to blame; nothing where `why` does not tell.
[[nodiscard]] std::optional<std::int64_t> suspicion(const core::output_record& record,
                                                    kafka_io::error_kind why);

}  // namespace turnstile::actors
