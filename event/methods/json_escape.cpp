#include "event/methods/json_escape.hpp"

#include "core/json_text.hpp"

namespace turnstile::event {

namespace {

/// The letter behind a backslash; 0: none stands for it.
constexpr char letter_of(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

}  // namespace

char* write_escaped(char* to, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    if (const char letter = letter_of(c)) {
      *to++ = '\\';
      *to++ = letter;
    } else if (is_control(c)) {
      const auto value = static_cast<unsigned char>(c);
      to = core::write_bytes(to, "\\u00");
      *to++ = digits[value >> 4U];
      *to++ = digits[value & 0xfU];
    } else {
      *to++ = c;
    }
  }
  return to;
}

std::size_t escaped_bytes(std::string_view text) {
  std::size_t bytes = 0;
  for (const char c : text) bytes += letter_of(c) ? 2U : is_control(c) ? 6U : 1U;
  return bytes;
}

}  // namespace turnstile::event
