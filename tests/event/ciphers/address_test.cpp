#include "event/ciphers/address.hpp"

#include <array>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile;
using event::address;

namespace {

/// The canonical text and the port, or `none`.
std::string canonical(std::string_view text) {
  const auto parsed = event::parse_address(text);
  if (!parsed) return "none";
  std::array<char, event::address_bytes_max> room;
  std::string told(room.data(), event::write_address(room.data(), *parsed));
  if (parsed->port != address::no_port) told += " " + std::to_string(parsed->port);
  return told;
}

}  // namespace

TEST_CASE("an IPv6 is written as RFC 5952 says") {
  // Section 1 and 2: one address in its many spellings.
  for (const auto* text :
       {"2001:db8:0:0:1:0:0:1", "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::0:1:0:0:1",
        "2001:0db8::1:0:0:1", "2001:db8:0:0:1::1", "2001:db8:0000:0:1::1", "2001:DB8:0:0:1::1"})
    CHECK(canonical(text) == "2001:db8::1:0:0:1");
  // Section 4.1: leading zeros. 4.2.1: shortened as much as possible. 4.2.2: not one group alone.
  CHECK(canonical("2001:0db8::0001") == "2001:db8::1");
  CHECK(canonical("2001:db8:0:0:0:0:2:1") == "2001:db8::2:1");
  CHECK(canonical("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  CHECK(canonical("2001:db8::1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  // 4.2.3: the longest run, and of equal ones the first. 4.3: lower case.
  CHECK(canonical("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");
  CHECK(canonical("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
  CHECK(canonical("2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA") ==
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa");
  CHECK(canonical("0:0:0:0:0:0:0:0") == "::");
  CHECK(canonical("0:0:0:0:0:0:0:1") == "::1");
  CHECK(canonical("1:0:0:0:0:0:0:0") == "1::");
  CHECK(canonical("64:ff9b::192.0.2.33") == "64:ff9b::c000:221");
  CHECK(canonical("::1.2.3.4") == "::102:304");
}

TEST_CASE("an IPv6 that is mapped from an IPv4 is written as the IPv4") {
  for (const auto* text : {"::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7",
                           "[::ffff:203.0.113.7]", "203.0.113.7"})
    CHECK(canonical(text) == "203.0.113.7");
  CHECK(canonical("::ffff:0:203.0.113.7") == "::ffff:0:cb00:7107");
}

TEST_CASE("what logs put around an address is read") {
  for (const auto* text : {"203.0.113.7:54321", " 203.0.113.7:54321\t", "203.0.113.7#54321",
                           "203.0.113.7 port 54321", "[::ffff:203.0.113.7]:54321"})
    CHECK(canonical(text) == "203.0.113.7 54321");
  for (const auto* text : {"[2001:db8::1]:443", "2001:db8::1#443", "2001:db8::1 port 443",
                           "[2001:DB8::1]#443", "[2001:db8::1%eth0]:443"})
    CHECK(canonical(text) == "2001:db8::1 443");
  for (const auto* text : {"[2001:db8::1]", " 2001:db8::1 ", "2001:db8::1%eth0", "2001:db8::1%25",
                           "2001:db8::1%a.b_c-d~"})
    CHECK(canonical(text) == "2001:db8::1");
  CHECK(canonical("2001:db8::1:443") == "2001:db8::1:443");
  CHECK(canonical("203.0.113.7:0") == "203.0.113.7 0");
  CHECK(canonical("203.0.113.7:65535") == "203.0.113.7 65535");
}

TEST_CASE("whatever is not exactly an address is none") {
  for (const std::string_view text :
       {"", " ", "-", "unknown", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04",
        "1.2.3.010", "0x1.2.3.4", "1.2.3.4.", ".1.2.3.4", "1.2.3.4 x", "1.2.3.4/32", "1,2,3,4"})
    CHECK_MESSAGE(canonical(text) == "none", std::string(text));
  CHECK(canonical(std::string_view("1.2.3.4\0", 8)) == "none");
  CHECK(canonical(std::string_view("1.2.3.4\0x", 9)) == "none");
  CHECK(canonical("0000:0000:0000:0000:0000:0000:255.255.255.2550") == "none");
  CHECK(canonical(std::string(1'000'000, ':')) == "none");
}

TEST_CASE("an address with something around it that is not whole is none") {
  for (const std::string_view text : {"1.2.3.4:",
                                      "1.2.3.4:65536",
                                      "1.2.3.4:080",
                                      "1.2.3.4:00",
                                      "1.2.3.4:123456",
                                      "1.2.3.4:+1",
                                      "1.2.3.4:5:6",
                                      "1.2.3.4#",
                                      "1.2.3.4 port",
                                      "1.2.3.4 port ",
                                      "1.2.3.4  port 5",
                                      "[1.2.3.4]",
                                      "[1.2.3.4]:80",
                                      "1.2.3.4%eth0",
                                      ":",
                                      ":::",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7",
                                      "::12345",
                                      "::g",
                                      "2001:db8::1]",
                                      "[2001:db8::1",
                                      "[2001:db8::1]443",
                                      "[2001:db8::1]:",
                                      "[[::1]]",
                                      "[]",
                                      "[]:80",
                                      "2001:db8::1%",
                                      "2001:db8::1%a b",
                                      "2001:db8::1%eth0%",
                                      "2001:db8::1/64",
                                      "::ffff:1.2.3.04",
                                      "::1.2.3.4.5",
                                      "1.2.3.4\n",
                                      "203.0.113.7, 70.41.3.18",
                                      "1.2.3.4;::1",
                                      "１.2.3.4",
                                      "4294967295",
                                      "localhost",
                                      "ec2.amazonaws.com"})
    CHECK_MESSAGE(canonical(text) == "none", std::string(text));
  CHECK(canonical("::1%" + std::string(32, 'z')) == "::1");
  CHECK(canonical("::1%" + std::string(33, 'z')) == "none");
}

TEST_CASE("any address is written as the C library writes it, but for its mixed notation") {
  tests::seeded_random random;
  INFO(random.note());
  for (int i = 0; i < 20'000; ++i) {
    address given;
    for (std::size_t group = 0; group < 8; ++group) {
      if (random.one_in(2)) continue;
      given.bytes[2 * group] = static_cast<std::uint8_t>(random.one_in(3) ? 0 : random.below(256));
      given.bytes[2 * group + 1] = static_cast<std::uint8_t>(random.below(256));
    }
    std::array<char, event::address_bytes_max> room;
    const std::string written(room.data(), event::write_address(room.data(), given));
    std::array<char, INET6_ADDRSTRLEN> reference;
    REQUIRE(::inet_ntop(AF_INET6, given.bytes.data(), reference.data(), reference.size()));
    if (std::string_view(reference.data()).find('.') == std::string_view::npos)
      REQUIRE(written == reference.data());
    const auto again = event::parse_address(written);
    REQUIRE(again);
    REQUIRE(again->bytes == given.bytes);
  }
}
