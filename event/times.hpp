// What a rule about a time makes of it: a JSON token in the form, precision and zone it asks for.
//
// Pure functions, any thread; always UTC. Reading is core/timestamps.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/event_rules.hpp"
#include "core/json_text.hpp"
#include "core/timestamps.hpp"

namespace turnstile::event {

/// Of a value that is there: a number by its token, a string by its unescaped text.
[[nodiscard]] core::parsed_timestamp parse_time(core::json_kind kind, std::string_view token,
                                                std::string_view text, const core::time_rule& rule);

/// The longest result but that of `keep`: `"9999-12-31T23:59:59.999999999Z"`.
inline constexpr std::size_t time_bytes_max = 32;

/// Writes the token of the time, truncated, and returns its end. What is finer than the precision
/// is cut off. REQUIRES: room for `time_bytes_max`, and an output other than `keep`, for which the
/// value's own token stands.
[[nodiscard]] char* write_time(char* to, const core::parsed_timestamp& time,
                               const core::time_rule& rule);

}  // namespace turnstile::event
