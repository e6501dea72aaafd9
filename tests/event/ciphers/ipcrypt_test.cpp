#include "event/ciphers/ipcrypt.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <sodium.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile;
using event::address;

namespace {

struct vector {
  const char* key;
  const char* ip;
  const char* out;
};

// draft-denis-ipcrypt, appendix of test vectors: ipcrypt-deterministic.
constexpr std::array deterministic{
    vector{"0123456789abcdeffedcba9876543210", "0.0.0.0",
           "bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb"},
    vector{"1032547698badcfeefcdab8967452301", "255.255.255.255",
           "aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8"},
    vector{"2b7e151628aed2a6abf7158809cf4f3c", "192.0.2.1",
           "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777"},
    vector{"0123456789abcdeffedcba9876543210", "2001:db8:85a3::8a2e:370:7334",
           "1eef:2352:64c8:18e6:6456:1373:f615:5032"},
    vector{"1032547698badcfeefcdab8967452301", "192.0.2.1",
           "7fde:a680:9546:ef2:d3c:7abb:1b38:2659"},
};

constexpr const char* first_key =
    "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
constexpr const char* second_key =
    "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";

// The same: ipcrypt-pfx.
constexpr std::array prefixes{
    vector{first_key, "0.0.0.0", "151.82.155.134"},
    vector{first_key, "255.255.255.255", "94.185.169.89"},
    vector{first_key, "192.0.2.1", "100.115.72.131"},
    vector{first_key, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"},
    vector{second_key, "10.0.0.47", "19.214.210.244"},
    vector{second_key, "10.0.0.129", "19.214.210.80"},
    vector{second_key, "10.0.0.234", "19.214.210.30"},
    vector{second_key, "172.16.5.193", "210.78.229.136"},
    vector{second_key, "172.16.97.42", "210.78.179.241"},
    vector{second_key, "172.16.248.177", "210.78.121.215"},
    vector{second_key, "2001:db8::a5c9:4e2f:bb91:5a7d", "7cec:702c:1243:f70:1956:125:b9bd:1aba"},
    vector{second_key, "2001:db8::7234:d8f1:3c6e:9a52", "7cec:702c:1243:f70:a3ef:c8e:95c1:cd0d"},
    vector{second_key, "2001:db8:3a5c:0:e7d1:4b9f:2c8a:f673",
           "7cec:702c:3503:bef:e616:96bd:be33:a9b9"},
};

template <class Cipher>
Cipher cipher_of(const char* hex) {
  std::array<unsigned char, Cipher::key_bytes> key;
  REQUIRE(sodium_hex2bin(key.data(), key.size(), hex, 2 * key.size(), nullptr, nullptr, nullptr) ==
          0);
  return Cipher(key);
}

std::string text_of(const address& of) {
  std::array<char, event::address_bytes_max> room;
  return {room.data(), event::write_address(room.data(), of)};
}

template <class Cipher>
void check(const vector& row) {
  const auto cipher = cipher_of<Cipher>(row.key);
  CHECK(text_of(cipher.encrypt(*event::parse_address(row.ip))) == row.out);
  CHECK(text_of(cipher.decrypt(*event::parse_address(row.out))) == row.ip);
}

address random_address(tests::seeded_random& random) {
  address made = *event::parse_address("0.0.0.0");
  for (std::size_t i = random.one_in(2) ? 12 : 0; i < made.bytes.size(); ++i)
    made.bytes[i] = static_cast<std::uint8_t>(random.below(256));
  return made;
}

int common_bits(const address& a, const address& b) {
  int bits = 0;
  while (bits < 128) {
    const auto at = static_cast<std::size_t>(bits / 8);
    if (((a.bytes[at] ^ b.bytes[at]) & 0x80 >> bits % 8) != 0) break;
    ++bits;
  }
  return bits;
}

}  // namespace

TEST_CASE("ipcrypt makes of an address what the draft says, and the address again of that") {
  for (const vector& row : deterministic) check<event::ipcrypt_cipher>(row);
  for (const vector& row : prefixes) check<event::ipcrypt_pfx_cipher>(row);
}

TEST_CASE("ipcrypt-pfx keeps how many bits two addresses have in common, and an IPv4 one") {
  tests::seeded_random random;
  INFO(random.note());
  const auto cipher = cipher_of<event::ipcrypt_pfx_cipher>(first_key);
  for (int i = 0; i < 500; ++i) {
    const address a = random_address(random);
    address b = a;
    const std::size_t bit = a.is_v4() ? 96 + random.below(32) : random.below(128);
    b.bytes[bit / 8] = static_cast<std::uint8_t>(b.bytes[bit / 8] ^ 0x80 >> bit % 8);
    const address of_a = cipher.encrypt(a);
    const address of_b = cipher.encrypt(b);
    REQUIRE(of_a.is_v4() == a.is_v4());
    REQUIRE(common_bits(of_a, of_b) == static_cast<int>(bit));
    REQUIRE(cipher.decrypt(of_a).bytes == a.bytes);
  }
}

TEST_CASE("ipcrypt opens what it made of any address") {
  tests::seeded_random random;
  INFO(random.note());
  const auto cipher = cipher_of<event::ipcrypt_cipher>("0123456789abcdeffedcba9876543210");
  for (int i = 0; i < 500; ++i) {
    const address a = random_address(random);
    REQUIRE(cipher.decrypt(*event::parse_address(text_of(cipher.encrypt(a)))).bytes == a.bytes);
  }
}
