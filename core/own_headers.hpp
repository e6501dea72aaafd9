// The headers that the worker writes to its outputs: their names, and how large the origin's may
// be.
//
// Constants. What they hold is the data contract's (docs/data-contract.md).
#pragma once

#include <cstddef>
#include <string_view>

namespace turnstile::core {

inline constexpr std::string_view origin_header = "turnstile-origin";
/// The source's timestamp, in milliseconds; none where it has none. It tells an input from the one
/// that had its offset before the input topic was deleted and created again.
inline constexpr std::string_view origin_timestamp_header = "turnstile-origin-timestamp";
inline constexpr std::string_view reason_header = "turnstile-reason";
inline constexpr std::string_view stage_header = "turnstile-stage";
inline constexpr std::string_view worker_header = "turnstile-worker";
inline constexpr std::string_view attempts_header = "turnstile-attempts";
inline constexpr std::string_view truncated_header = "turnstile-truncated";
/// The id of the key of the ring that the output was made with.
inline constexpr std::string_view key_id_header = "turnstile-key";
/// `<topic>/<partition>/<offset>` of the error record that a redrive has put right.
inline constexpr std::string_view redrive_header = "turnstile-redrive";

/// True for the headers above: the worker writes them itself and carries none from an input.
[[nodiscard]] constexpr bool is_own_header(std::string_view name) {
  return name.starts_with("turnstile-") &&
         (name == origin_header || name == origin_timestamp_header || name == reason_header ||
          name == stage_header || name == worker_header || name == attempts_header ||
          name == truncated_header || name == key_id_header || name == redrive_header);
}

/// Bytes of the origin header's value for a topic whose name has that many bytes.
[[nodiscard]] constexpr std::size_t origin_bytes(std::size_t topic_bytes) {
  return topic_bytes + 1 + 10 + 1 + 19;
}
inline constexpr std::size_t origin_bytes_max = origin_bytes(249);
inline constexpr std::size_t origin_timestamp_bytes_max = 19;

}  // namespace turnstile::core
