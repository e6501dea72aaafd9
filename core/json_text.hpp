// JSON text, byte by byte: checking and compacting it without a parser.
//
// Free functions without state; any thread may call them. They never read beyond the bytes given
// and never fail: what is wrong with a text is an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace turnstile::core {

enum class json_kind : std::uint8_t { null, boolean, number, string, object, array };

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

/// The digits of a number of any length: it is 0.DIGITS × 10^point, and the first of them is not 0,
/// unless all are.
class decimal_reader {
public:
  /// REQUIRES: JSON's grammar of numbers; leading zeros do no harm.
  explicit decimal_reader(std::string_view token);

  [[nodiscard]] bool negative() const { return negative_; }
  [[nodiscard]] bool is_zero() const { return is_zero_; }
  [[nodiscard]] std::int64_t point() const { return point_; }

  /// The next digit; zeros without end behind the last.
  std::uint8_t next();

  [[nodiscard]] bool rest_is_zero() const;

private:
  bool negative_ = false;
  bool is_zero_ = false;
  std::int64_t point_ = 0;
  std::string_view digits_;
};

/// Copies `bytes` and returns the end of the copy. Tokens are short: two moves that overlap copy
/// what a call of memcpy takes longer for.
[[nodiscard]] inline char* write_bytes(char* to, std::string_view bytes) {
  const std::size_t size = bytes.size();
  const char* const from = bytes.data();
  const auto both_ends = [=]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>) {
    std::memcpy(to, from, Bytes);
    std::memcpy(to + size - Bytes, from + size - Bytes, Bytes);
  };
  if (size > 32)
    std::memcpy(to, from, size);
  else if (size >= 16)
    both_ends(std::integral_constant<std::size_t, 16>{});
  else if (size >= 8)
    both_ends(std::integral_constant<std::size_t, 8>{});
  else if (size >= 4)
    both_ends(std::integral_constant<std::size_t, 4>{});
  else
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  return to + size;
}

}  // namespace turnstile::core
