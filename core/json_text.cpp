#include "core/json_text.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace turnstile::core {

namespace {

#if defined(__SSE2__)

/// Sixteen bytes of a text.
class block {
public:
  static constexpr std::size_t bytes = 16;

  explicit block(const char* from)
    : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}

  /// Bytes before the first that is not printable ASCII (0x20 to 0x7f).
  [[nodiscard]] std::size_t plain_bytes() const {
    // Signed: what is not ASCII is below 0.
    const int others = _mm_movemask_epi8(_mm_cmplt_epi8(bytes_, _mm_set1_epi8(0x20)));
    return others == 0 ? bytes : static_cast<std::size_t>(std::countr_zero(unsigned(others)));
  }

private:
  __m128i bytes_;
};

#else

/// Eight bytes of a text.
class block {
public:
  static constexpr std::size_t bytes = 8;

  explicit block(const char* from) { std::memcpy(&word_, from, bytes); }

  [[nodiscard]] std::size_t plain_bytes() const {
    // A byte below 0x20 borrows and so sets its top bit; without one nothing borrows.
    return (((word_ - each_byte(0x20)) | word_) & each_byte(0x80)) == 0 ? bytes : 0;
  }

private:
  static constexpr std::uint64_t each_byte(std::uint8_t b) { return 0x0101010101010101ULL * b; }

  std::uint64_t word_ = 0;
};

#endif

struct utf8_form {
  std::uint8_t bytes;  ///< Of the whole character; 0: no character begins so.
  std::uint8_t second_min;
  std::uint8_t second_max;
};

/// RFC 3629, table 3-7 of Unicode: only the second byte's range depends on the first byte.
constexpr utf8_form form_of(std::uint8_t first) {
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// Bytes of the non-ASCII character at `at`; 0 where there is none.
std::size_t utf8_bytes(std::string_view text, std::size_t at) {
  const utf8_form form = form_of(byte_at(text, at));
  if (form.bytes == 0 || form.bytes > text.size() - at) return 0;
  const std::uint8_t second = byte_at(text, at + 1);
  if (second < form.second_min || second > form.second_max) return 0;
  for (std::size_t i = 2; i < form.bytes; ++i)
    if ((byte_at(text, at + i) & 0xc0) != 0x80) return 0;
  return form.bytes;
}

/// Goes from `at` over printable ASCII; may stop before its end, near the end of the text.
std::size_t skip_plain(std::string_view text, std::size_t at) {
  while (text.size() - at >= block::bytes) {
    const std::size_t plain = block(text.data() + at).plain_bytes();
    at += plain;
    if (plain < block::bytes) return at;
  }
  if (at == text.size() || text.size() < block::bytes) return at;
  // One block more, which reaches back over what is checked already.
  const std::size_t from = text.size() - block::bytes;
  return std::max(at, from + block(text.data() + from).plain_bytes());
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Of an exponent's text, bounded: beyond what any number of digits could take back it makes no
/// difference.
std::int64_t exponent_of(std::string_view text) {
  constexpr std::int64_t exponent_max = 1'000'000'000'000;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), exponent_max);
  return negative ? -value : value;
}

}  // namespace

text_faults find_text_faults(std::string_view text) {
  text_faults faults;
  for (std::size_t at = skip_plain(text, 0); at < text.size(); at = skip_plain(text, at)) {
    const std::uint8_t b = byte_at(text, at);
    if (b < 0x80) {
      if (b < 0x20 && !is_blank(text[at]) && faults.control_at == text_faults::npos)
        faults.control_at = at;
      ++at;
      continue;
    }
    const std::size_t bytes = utf8_bytes(text, at);
    if (bytes == 0) {
      faults.invalid_utf8_at = at;
      return faults;
    }
    at += bytes;
  }
  return faults;
}

std::size_t json_string_end(std::string_view json, std::size_t at) {
  while (json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return at + 1;
}

char* write_compact(char* to, std::string_view json) {
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      const std::size_t end = json_string_end(json, at + 1);
      to = write_bytes(to, json.substr(at, end - at));
      at = end;
      continue;
    }
    if (!is_blank(json[at])) *to++ = json[at];
    ++at;
  }
  return to;
}

decimal_reader::decimal_reader(std::string_view token) : negative_(token.front() == '-') {
  token.remove_prefix(negative_ ? 1 : 0);
  const std::size_t end = std::min(token.find_first_of("eE"), token.size());
  if (end < token.size()) point_ = exponent_of(token.substr(end + 1));
  digits_ = token.substr(0, end);
  const std::size_t dot = std::min(digits_.find('.'), digits_.size());
  const std::size_t first = std::min(digits_.find_first_not_of("0."), digits_.size());
  is_zero_ = first == digits_.size();
  point_ += static_cast<std::int64_t>(dot) - static_cast<std::int64_t>(first);
  if (first > dot) ++point_;
  digits_.remove_prefix(first);
}

std::uint8_t decimal_reader::next() {
  if (digits_.starts_with('.')) digits_.remove_prefix(1);
  if (digits_.empty()) return 0;
  const char digit = digits_.front();
  digits_.remove_prefix(1);
  return static_cast<std::uint8_t>(digit - '0');
}

bool decimal_reader::rest_is_zero() const {
  return digits_.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace turnstile::core
