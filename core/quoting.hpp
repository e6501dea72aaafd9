// Making any bytes safe to print on one line.
//
// Pure functions, callable from any thread. What they return is valid UTF-8 without control
// characters and without the characters that reorder text on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace turnstile::core {

[[nodiscard]] bool is_valid_utf8(std::string_view bytes);

/// Whether `bytes` are ASCII and mean themselves in a JSON string.
[[nodiscard]] bool is_plain(std::string_view bytes);

/// Appends `bytes` with JSON's escapes, without the quotes; what is no UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view bytes);

/// `"…"`, valid as a JSON string and as a TOML basic string.
[[nodiscard]] std::string quoted(std::string_view bytes);

/// The same, cut after about `bytes_max` bytes: for values in messages to people.
[[nodiscard]] std::string quoted_short(std::string_view bytes, std::size_t bytes_max = 80);

/// Without quotes: for text that is already a sentence (a library's error, a path).
[[nodiscard]] std::string printable(std::string_view bytes);

/// Makes `list` one item longer.
void append_item(std::string& list, std::string_view item, std::string_view separator = ", ");

}  // namespace turnstile::core
