// Addresses of IP as people write them, read strictly, and their canonical text.
//
// Pure functions, any thread. inet_pton judges what an address is: no octal, no leading zeros in an
// IPv4, no bytes behind. Around it may stand what logs put there: blanks, brackets, a port, a zone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnstile::event {

struct address {
  static constexpr std::int32_t no_port = -1;

  /// In the order of the network; of an IPv4 the IPv6 that it is mapped to, `::ffff:0:0/96`.
  std::array<std::uint8_t, 16> bytes{};
  std::int32_t port = no_port;

  [[nodiscard]] bool is_v4() const;
};

/// The address in a text: `192.0.2.1`, `2001:DB8::1`, `[2001:db8::1]`, `fe80::1%eth0`, with blanks
/// around it, and a port as `:443`, of an IPv6 behind its brackets, `#443` or ` port 443`. A zone
/// is read over: it names an interface of one host.
[[nodiscard]] std::optional<address> parse_address(std::string_view text);

/// Without the blanks and tabs at its ends.
[[nodiscard]] std::string_view without_blanks(std::string_view text);

inline constexpr std::size_t address_bytes_max =
    sizeof("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") - 1;

/// The canonical text without a port, of an IPv6 by RFC 5952, all its groups in hex. REQUIRES: room
/// for `address_bytes_max`.
[[nodiscard]] char* write_address(char* to, const address& value);

/// One group of an IPv6, without leading zeros.
[[nodiscard]] char* write_group(char* to, std::uint32_t group);

/// A number without leading zeros, up to that of the highest port.
[[nodiscard]] char* write_decimal(char* to, std::uint32_t number);

}  // namespace turnstile::event
