// What became of an input, or would become of it, as bytes that can be compared.
//
// Pure functions over plain values, any thread. Left out of the bytes is what says nothing of the
// rules: the worker's own headers, and the time at which an error or a filtered record was written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/fate_map.hpp"
#include "core/batch.hpp"
#include "core/reason.hpp"
#include "core/record.hpp"

namespace turnstile::shadow {

/// 0: processed, 1: filtered, 2: an error without a known reason; then the reasons.
using ending = std::uint8_t;
inline constexpr ending processed = 0;
inline constexpr ending filtered = 1;
inline constexpr ending some_error = 2;
inline constexpr std::size_t ending_count = 3 + core::reason_count;

[[nodiscard]] constexpr ending ending_of(core::reason why) {
  return static_cast<ending>(3 + static_cast<std::size_t>(why));
}

/// `processed`, `filtered`, `error`, or the reason.
[[nodiscard]] std::string_view name_of(ending end);

/// Whether a broker decided it, or what the worker met: not what the rules say.
[[nodiscard]] constexpr bool is_of_brokers(ending end) {
  return end == ending_of(core::reason::delivery_failed) ||
         end == ending_of(core::reason::unreadable);
}

struct outcome {
  ending end = processed;
  core::maybe_bytes key;
  core::maybe_bytes value;
  std::span<const core::header_view> headers;
};

/// Of a record that was read from an output topic.
[[nodiscard]] outcome outcome_of(audit::fate where, const core::record_view& read);

/// Of an output that was made. `why`: of an error.
[[nodiscard]] outcome outcome_of(const core::output_record& made, std::optional<core::reason> why);

/// The id of the key that it was made with; nothing where it says none.
[[nodiscard]] std::optional<std::string_view> key_id_of(std::span<const core::header_view> headers);

/// Behind what `to` holds.
void append_bytes(std::string& to, const outcome& one);

/// What `append_bytes` wrote, with its headers.
struct unpacked {
  outcome of;
  std::vector<core::header_view> headers;
};
[[nodiscard]] unpacked unpack(std::string_view bytes);

[[nodiscard]] inline ending ending_in(std::string_view bytes) {
  return static_cast<ending>(bytes.front());
}

}  // namespace turnstile::shadow
