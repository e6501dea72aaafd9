// Finds addresses in a JSON text: what an event of unknown shape must not show.
//
// Free functions without state; any thread may call them. They take any bytes, also what is no
// JSON, in a time linear in their number.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace turnstile::audit {

inline constexpr std::size_t addresses_max = 32;

/// The strings of the text, at any depth, names of fields too, that are an IPv4 or IPv6 address and
/// nothing else; as they stand there, and unescaped where that differs. At most `addresses_max`.
[[nodiscard]] std::vector<std::string> addresses_in(std::string_view json);

inline constexpr std::size_t strings_max = 64;

/// The strings of the text as they stand there, without their quotes and without names of fields.
/// At most `strings_max`.
[[nodiscard]] std::vector<std::string_view> strings_in(std::string_view json);

}  // namespace turnstile::audit
