// Time of an event: from what an event may carry to seconds since the epoch, and to text.
//
// Pure functions, any thread. UTC only and no libc time functions: neither TZ nor locale matters.
// Whatever is doubtful is an error, never a guess; an error's text never holds the value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/event_rules.hpp"

namespace turnstile::core {

enum class timestamp_format : std::uint8_t { datetime, rfc3339 };

/// 9999-12-31 23:59:59.
inline constexpr std::int64_t epoch_s_max = 253402300799;

struct parsed_timestamp {
  std::int64_t epoch_s = 0;
  std::uint32_t nanosecond = 0;  ///< Of the second; what is finer is left out.
  std::string_view error;  ///< Why it is none, and the option that would take it; empty: it is one.
};

/// Of a JSON number, as it stands in the document. By magnitude, a number beyond `epoch_s_max` is
/// milliseconds, one beyond a thousand times that microseconds, then nanoseconds, so that what is
/// valid as seconds stays seconds.
[[nodiscard]] parsed_timestamp parse_timestamp_number(std::string_view token,
                                                      const time_rule& rule);

/// Of a JSON string, unescaped: digits, with a fraction where the rule takes one, or where it takes
/// ISO 8601, a date and time with a zone.
[[nodiscard]] parsed_timestamp parse_timestamp_text(std::string_view text, const time_rule& rule);

inline constexpr std::size_t timestamp_bytes_max = 20;

/// Writes `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DDTHH:MM:SSZ` and returns the end of it. REQUIRES: room
/// for `timestamp_bytes_max`. Times outside the years 1970 to 9999 become the nearest within.
[[nodiscard]] char* write_timestamp(char* to, std::int64_t epoch_s, timestamp_format format);

[[nodiscard]] std::string timestamp_text(std::int64_t epoch_s,
                                         timestamp_format format = timestamp_format::datetime);

}  // namespace turnstile::core
