// An input that is to be redriven, as its error record names it.
//
// Plain values and pure functions, any thread. GUARANTEES: nothing of what a record holds is kept
// but a hash of its key.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

#include "core/reason.hpp"
#include "core/record.hpp"

namespace turnstile::app {

/// Why something is left as it is. The names are part of the report's schema.
enum class left_why : std::uint8_t {
  no_origin,
  other_topic,
  no_partition,
  beyond_end,
  removed,
  no_record,
  remade,
  not_committed,
  attempts,
  unread,
};
inline constexpr std::size_t left_count = 10;

[[nodiscard]] std::string_view name_of(left_why why);

/// One sentence without a full stop.
[[nodiscard]] std::string_view meaning_of(left_why why);

/// Beside core::reason: one of a later version or of nobody's, and that of an input without any
/// outcome.
inline constexpr std::uint8_t other_reason = core::reason_count;
inline constexpr std::uint8_t missing_reason = core::reason_count + 1;
[[nodiscard]] std::string_view reason_name(std::uint8_t reason);

struct dead_letter {
  static constexpr std::int64_t not_told = std::numeric_limits<std::int64_t>::min();

  std::int32_t partition = -1;  ///< Of the input.
  std::int64_t offset = -1;
  std::int32_t error_partition = -1;  ///< -1: there is no error record.
  std::int64_t error_offset = -1;
  std::int64_t origin_ms = not_told;  ///< The input's timestamp, by the error record.
  std::uint64_t key_hash = 0;
  bool has_key = false;  ///< The error record has one.
  std::uint8_t reason = other_reason;
  std::uint32_t tried = 0;  ///< Redrives before this one that failed.
  std::uint32_t slot = 0;   ///< Its place in the progress of its error partition.
  bool settled = false;     ///< Nothing more is to be done about it.
};

/// Of one that is read; `slot` and `tried` are not known to it.
[[nodiscard]] std::variant<dead_letter, left_why> dead_letter_of(const core::record_view& error,
                                                                 std::int32_t error_partition,
                                                                 std::string_view input_topic);

[[nodiscard]] std::uint64_t hash_of_key(std::string_view key);

/// `topic/partition/offset`
[[nodiscard]] std::string place_text(std::string_view topic, std::int32_t partition,
                                     std::int64_t offset);

}  // namespace turnstile::app
