#include "event/ciphers/address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

#include "core/json_text.hpp"

namespace turnstile::event {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t groups = 8;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_zone(std::string_view text) {
  constexpr std::size_t zone_bytes_max = 32;
  return !text.empty() && text.size() <= zone_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                  c == '_' || c == '-' || c == '~';
         });
}

std::optional<std::int32_t> parse_port(std::string_view text) {
  constexpr std::size_t digits_max = 5;
  constexpr std::int32_t port_max = 65535;
  if (text.empty() || text.size() > digits_max || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::int32_t port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    port = port * 10 + (c - '0');
  }
  if (port > port_max) return std::nullopt;
  return port;
}

/// Of a family of addresses, with nothing around.
bool parse_bare(int family, std::string_view text, std::uint8_t* to) {
  std::array<char, INET6_ADDRSTRLEN> terminated;
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  *core::write_bytes(terminated.data(), text) = '\0';
  return ::inet_pton(family, terminated.data(), to) == 1;
}

bool parse_v6(std::string_view text, address& to) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos) {
    if (!is_zone(text.substr(percent + 1))) return false;
    text = text.substr(0, percent);
  }
  return parse_bare(AF_INET6, text, to.bytes.data());
}

bool parse_v4(std::string_view text, address& to) {
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), to.bytes.begin());
  return parse_bare(AF_INET, text, to.bytes.data() + mapped_prefix.size());
}

/// Cuts the port off, with what stands before it. False: there is something else.
bool take_port(std::string_view& text, address& to) {
  constexpr std::string_view word = " port ";
  std::size_t at = text.find('#');
  std::size_t behind = at + 1;
  if (at == std::string_view::npos && (at = text.find(word)) != std::string_view::npos)
    behind = at + word.size();
  const bool bracketed = text.starts_with('[');
  if (at == std::string_view::npos &&
      (at = text.find(bracketed ? "]:" : ":")) != std::string_view::npos) {
    at += bracketed ? 1 : 0;
    if (!bracketed && text.find(':', at + 1) != std::string_view::npos) return true;  // IPv6.
    behind = at + 1;
  }
  if (at == std::string_view::npos) return true;
  const auto port = parse_port(text.substr(behind));
  if (!port) return false;
  to.port = *port;
  text = text.substr(0, at);
  return true;
}

/// Where the zeros that `::` stands for begin and end: the first of the longest runs of two groups
/// and more.
struct zero_run {
  std::size_t begin = groups;
  std::size_t end = groups;
};

zero_run longest_zeros(const std::array<std::uint32_t, groups>& of) {
  zero_run longest;
  std::size_t length = 1;
  for (std::size_t i = 0; i < groups; ++i) {
    std::size_t end = i;
    while (end < groups && of[end] == 0) ++end;
    if (end - i > length) {
      longest = {i, end};
      length = end - i;
    }
    i = end;
  }
  return longest;
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool address::is_v4() const {
  return std::memcmp(bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
}

std::optional<address> parse_address(std::string_view text) {
  text = without_blanks(text);
  address parsed;
  if (!take_port(text, parsed)) return std::nullopt;
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.find(':') == std::string_view::npos) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  const bool is_v6 = text.find(':') != std::string_view::npos;
  const bool valid = is_v6 ? parse_v6(text, parsed) : parse_v4(text, parsed);
  if (!valid) return std::nullopt;
  return parsed;
}

char* write_decimal(char* to, std::uint32_t number) {
  constexpr std::size_t digits_max = 10;
  return std::to_chars(to, to + digits_max, number).ptr;
}

char* write_group(char* to, std::uint32_t group) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (group > 0xfff) *to++ = digits[group >> 12U];
  if (group > 0xff) *to++ = digits[group >> 8U & 0xfU];
  if (group > 0xf) *to++ = digits[group >> 4U & 0xfU];
  *to++ = digits[group & 0xfU];
  return to;
}

char* write_address(char* to, const address& value) {
  if (value.is_v4()) {
    for (std::size_t i = mapped_prefix.size(); i < value.bytes.size(); ++i) {
      if (i > mapped_prefix.size()) *to++ = '.';
      to = write_decimal(to, value.bytes[i]);
    }
    return to;
  }
  std::array<std::uint32_t, groups> of{};
  for (std::size_t i = 0; i < groups; ++i)
    of[i] = std::uint32_t{value.bytes[2 * i]} << 8U | value.bytes[2 * i + 1];
  const zero_run zeros = longest_zeros(of);
  for (std::size_t i = 0; i < groups; ++i) {
    if (i == zeros.begin) {
      to = core::write_bytes(to, "::");
      i = zeros.end;
      if (i == groups) break;
    } else if (i > 0) {
      *to++ = ':';
    }
    to = write_group(to, of[i]);
  }
  return to;
}

}  // namespace turnstile::event
