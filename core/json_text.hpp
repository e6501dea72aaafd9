// JSON text, byte by byte: checking and compacting it without a parser.
//
// Free functions without state; any thread may call them. They never read beyond the bytes given
// and never fail: what is wrong with a text is an answer.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace turnstile::core {

/// Where a text breaks the rules that hold for every byte of a JSON document; npos: nowhere.
struct text_faults {
  static constexpr std::size_t npos = std::string_view::npos;
  std::size_t invalid_utf8_at = npos;
  /// The first control character that is no blank (tab, line feed, carriage return). None may
  /// stand anywhere in JSON, NUL included.
  std::size_t control_at = npos;
};

/// GUARANTEES: overlong forms, surrogates and code points beyond U+10FFFF are invalid UTF-8.
[[nodiscard]] text_faults find_text_faults(std::string_view text);

/// Copies one valid JSON value without the blanks between its tokens; returns the end of what was
/// written. REQUIRES: room for `json.size()` bytes.
[[nodiscard]] char* write_compact(char* to, std::string_view json);

/// Where the JSON string ends whose first character after the opening quote stands at `at`: the
/// position after its closing quote. REQUIRES: the string is well-formed.
[[nodiscard]] std::size_t json_string_end(std::string_view json, std::size_t at);

/// Copies `bytes` and returns the end of the copy.
[[nodiscard]] inline char* write_bytes(char* to, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace turnstile::core
