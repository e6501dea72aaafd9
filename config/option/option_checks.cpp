#include "config/option/option_checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace turnstile::core {

namespace {

bool is_word(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool is_protocol(std::string_view text) {
  constexpr std::array<std::string_view, 4> known{"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"};
  std::string lower{text};
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::find(known, lower) != known.end();
}

/// What an address may lack, and what it would be whole.
struct usual {
  std::string_view host;
  std::string_view port;
};

std::string address_fault(std::string_view text, const usual& usually) {
  constexpr const char* shape = "is not of the form HOST:PORT";
  const auto no_port = [&usually] {
    return "has no port; write HOST:PORT (often " + std::string(usually.port) + ")";
  };
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end == 1) return shape;
    const auto rest = text.substr(end + 1);
    const auto address = text.substr(1, end - 1);
    if (!std::ranges::all_of(address, [](char c) {
          return c == ':' || c == '%' || is_word({&c, 1});
        }))
      return shape;
    if (rest.empty()) return no_port();
    return rest.starts_with(':') && is_port(rest.substr(1)) ? "" : shape;
  }
  const auto colon = text.find(':');
  const auto host = text.substr(0, colon);
  const auto port = text.substr(colon == 0 ? 1 : 0);
  if (is_port(port))
    return "has no host; write " + std::string(usually.host) + ":" + std::string(port);
  if (host.empty() || !is_word(host)) return shape;
  if (colon == std::string_view::npos) return no_port();
  return is_port(text.substr(colon + 1)) ? "" : "has no port from 1 to 65535 after its colon";
}

}  // namespace

std::string broker_fault(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    if (!is_protocol(text.substr(0, scheme)))
      return "names no protocol of Kafka before ://; write HOST:PORT and set "
             "kafka.security.protocol";
    text.remove_prefix(scheme + 3);
  }
  return address_fault(text, {"localhost", "9092"});
}

std::string topic_fault(std::string_view text) {
  if (text.size() > 249) return "is longer than a topic name may be (249)";
  if (text == "." || text == "..") return "is no topic name";
  return is_word(text) ? "" : "holds characters that no topic name may (only a-z A-Z 0-9 . _ -)";
}

std::string group_fault(std::string_view text) {
  return text.size() > 255 ? "is longer than 255 bytes" : "";
}

std::string worker_id_fault(std::string_view text) {
  if (text.size() > 64) return "is longer than 64 bytes";
  return is_word(text) ? "" : "may only hold a-z A-Z 0-9 . _ -";
}

std::string listen_fault(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return "is not of the form HOST:PORT";
  return address_fault(text, {"127.0.0.1", "9464"});
}

std::string log_file_fault(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return "must not contain %";
  return text.ends_with('/') ? "is a directory" : "";
}

}  // namespace turnstile::core
