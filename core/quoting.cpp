#include "core/quoting.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace turnstile::core {

namespace {

struct code_point {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  ///< 0: no valid UTF-8 here.
};

/// Decodes the code point at the front of `in`. REQUIRES: `in` is not empty.
code_point decode(std::string_view in) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(in[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || in.size() < length) return {};
  std::uint32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < least[length] || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

/// Control characters of both sets, line separators, and marks that reorder what a terminal shows.
bool is_unprintable(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_unicode_escape(std::string& out, std::uint32_t c) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(c >> shift) & 0xf];
}

/// How many bytes at the front stand for themselves.
std::size_t plain_bytes(std::string_view bytes) {
  const auto special = std::find_if(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<signed char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
  });
  return static_cast<std::size_t>(special - bytes.begin());
}

void append_one(std::string& out, std::string_view bytes, code_point c) {
  switch (c.value) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_unprintable(c.value)) {
    append_unicode_escape(out, c.value);
  } else {
    out += bytes;
  }
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const code_point c = decode(bytes);
    if (c.bytes == 0) return false;
    bytes.remove_prefix(c.bytes);
  }
  return true;
}

bool is_plain(std::string_view bytes) { return plain_bytes(bytes) == bytes.size(); }

void append_escaped(std::string& out, std::string_view bytes) {
  while (true) {
    const std::size_t plain = plain_bytes(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) return;
    const code_point c = decode(bytes);
    if (c.bytes == 0) {
      out += "\xef\xbf\xbd";
      bytes.remove_prefix(1);
      continue;
    }
    append_one(out, bytes.substr(0, c.bytes), c);
    bytes.remove_prefix(c.bytes);
  }
}

std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  append_escaped(out, bytes);
  out += '"';
  return out;
}

std::string quoted_short(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() <= bytes_max) return quoted(bytes);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<std::uint8_t>(bytes[end]) & 0xc0) == 0x80) --end;
  return quoted(bytes.substr(0, end)) + "…";
}

std::string printable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const code_point c = decode(bytes);
    if (c.bytes == 0) {
      out += "\xef\xbf\xbd";
    } else if (is_unprintable(c.value)) {
      append_one(out, bytes.substr(0, c.bytes), c);
    } else {
      out += bytes.substr(0, c.bytes);
    }
    bytes.remove_prefix(c.bytes == 0 ? 1 : c.bytes);
  }
  return out;
}

void append_item(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

}  // namespace turnstile::core
