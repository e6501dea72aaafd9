#include "audit/values/addresses.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace turnstile::audit {

namespace {

constexpr std::size_t npos = std::string_view::npos;
/// Each character of an address may be escaped as \uXXXX.
constexpr std::size_t token_bytes_max = 6 * (INET6_ADDRSTRLEN - 1);

/// Behind the closing quote; npos: there is none.
std::size_t string_end(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return at < json.size() ? at + 1 : npos;
}

/// Empty where it is none that an address could be.
std::string unescaped(std::string_view token) {
  std::string text;
  while (!token.empty()) {
    if (token.front() != '\\') {
      text += token.front();
      token.remove_prefix(1);
      continue;
    }
    constexpr std::size_t escape_bytes = 6;
    unsigned code = 0;
    if (token.size() < escape_bytes || token[1] != 'u') return {};
    const auto [end, error] =
        std::from_chars(token.data() + 2, token.data() + escape_bytes, code, 16);
    if (error != std::errc{} || end != token.data() + escape_bytes || code > 0x7f) return {};
    text += static_cast<char>(code);
    token.remove_prefix(escape_bytes);
  }
  return text;
}

bool is_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> name{};
  if (text.empty() || text.size() >= name.size() || text.find('\0') != npos) return false;
  std::memcpy(name.data(), text.data(), text.size());
  in6_addr parsed{};
  return ::inet_pton(AF_INET, name.data(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, name.data(), &parsed) == 1;
}

}  // namespace

std::vector<std::string> addresses_in(std::string_view json) {
  std::vector<std::string> found;
  for (std::size_t at = json.find('"'); at != npos; at = json.find('"', at)) {
    const std::size_t end = string_end(json, ++at);
    if (end == npos) break;
    const std::string_view token = json.substr(at, end - 1 - at);
    at = end;
    if (token.size() > token_bytes_max) continue;
    const bool escaped = token.find('\\') != npos;
    std::string text = escaped ? unescaped(token) : std::string(token);
    if (!is_address(text)) continue;
    if (found.size() + (escaped ? 2 : 1) > addresses_max) break;
    if (escaped) found.emplace_back(token);
    found.push_back(std::move(text));
  }
  return found;
}

std::vector<std::string_view> strings_in(std::string_view json) {
  std::vector<std::string_view> found;
  for (std::size_t at = json.find('"'); at != npos; at = json.find('"', at)) {
    const std::size_t end = string_end(json, ++at);
    if (end == npos || found.size() == strings_max) break;
    const std::size_t next = json.find_first_not_of(" \t\r\n", end);
    const bool is_name = next != npos && json[next] == ':';
    if (!is_name) found.push_back(json.substr(at, end - 1 - at));
    at = end;
  }
  return found;
}

}  // namespace turnstile::audit
