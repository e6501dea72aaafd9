#include "event/methods/method_keys.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nettle/cmac.h>
#include <nettle/ctr.h>
#include <nettle/nettle-meta.h>
#include <sodium.h>

#include "tests/event/methods/method_fixture.hpp"
#include "tests/support/seeded_random.hpp"

using namespace turnstile;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes from_hex(std::string_view text) {
  bytes made(text.size() / 2);
  REQUIRE(sodium_hex2bin(made.data(), made.size(), text.data(), text.size(), nullptr, nullptr,
                         nullptr) == 0);
  return made;
}

std::string to_hex(std::span<const std::uint8_t> from) {
  std::string text(2 * from.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), from.data(), from.size());
  text.pop_back();
  return text;
}

bytes of_text(std::string_view text) { return {text.begin(), text.end()}; }

bytes cmac(const nettle_cipher& aes, const bytes& key, const bytes& data) {
  std::vector<char> schedule(aes.context_size);
  aes.set_encrypt_key(schedule.data(), key.data());
  cmac128_key subkeys;
  cmac128_ctx state;
  cmac128_set_key(&subkeys, schedule.data(), aes.encrypt);
  cmac128_init(&state);
  cmac128_update(&state, schedule.data(), aes.encrypt, data.size(), data.data());
  bytes digest(CMAC128_DIGEST_SIZE);
  cmac128_digest(&state, &subkeys, schedule.data(), aes.encrypt, CMAC128_DIGEST_SIZE,
                 digest.data());
  return digest;
}

void double_block(bytes& block) {
  const bool carry = (block[0] & 0x80U) != 0;
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] =
        static_cast<std::uint8_t>(block[i] << 1U | (i + 1 < block.size() ? block[i + 1] >> 7U : 0));
  if (carry) block.back() ^= 0x87U;
}

/// Sections 2.4 and 2.6 of RFC 5297, as they are written there.
bytes siv(const nettle_cipher& aes, const bytes& key, const std::vector<bytes>& associated,
          const bytes& plain) {
  const auto half = static_cast<std::ptrdiff_t>(key.size() / 2);
  const bytes mac_key(key.begin(), key.begin() + half);
  const bytes counter_key(key.begin() + half, key.end());
  bytes d = cmac(aes, mac_key, bytes(16));
  for (const bytes& each : associated) {
    double_block(d);
    const bytes mac = cmac(aes, mac_key, each);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] ^= mac[i];
  }
  bytes last = plain;
  if (plain.size() < 16) {
    double_block(d);
    last.push_back(0x80);
    last.resize(16);
  }
  for (std::size_t i = 0; i < 16; ++i) last[last.size() - 16 + i] ^= d[i];
  bytes sealed = cmac(aes, mac_key, last);
  bytes counter = sealed;
  counter[8] &= 0x7fU;
  counter[12] &= 0x7fU;
  std::vector<char> schedule(aes.context_size);
  aes.set_encrypt_key(schedule.data(), counter_key.data());
  bytes cipher_text(plain.size());
  ctr_crypt(schedule.data(), aes.encrypt, 16, counter.data(), plain.size(), cipher_text.data(),
            plain.data());
  sealed.insert(sealed.end(), cipher_text.begin(), cipher_text.end());
  return sealed;
}

std::string base64url(const bytes& from) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(from.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), from.data(), from.size(), variant);
  text.pop_back();
  return text;
}

std::string sealed(const event::value_cipher& cipher, std::string_view path,
                   std::string_view plain) {
  std::string room(cipher.bytes_max(plain.size()), '\0');
  room.resize(static_cast<std::size_t>(cipher.write(room.data(), path, plain) - room.data()));
  return room;
}

}  // namespace

TEST_CASE("keys are derived by HKDF-SHA-256") {
  // RFC 5869, test case 3: neither salt nor info.
  const event::secret_key secret(bytes(22, 0x0b));
  CHECK(to_hex(event::derive_key(secret, "", 42).bytes()) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  // By Python's cryptography, as docs/methods.md shows.
  CHECK(to_hex(event::derive_key(tests::test_key(), "turnstile ipcrypt", 16).bytes()) ==
        "bfb32084d876af1edf52e16d628aab8c");
  CHECK(to_hex(event::derive_key(tests::test_key(), "turnstile ipcrypt-pfx", 32).bytes()) ==
        "8e9a36ef1155c6cf0443aa3e420b79e7e29aa38e2ca9b17570f97e0d1b376f18");
  CHECK(to_hex(event::derive_key(tests::test_key(), "turnstile encrypt", 64).bytes()) ==
        "4483fe2a603e20bffa7faa8761a605260489d765f4ecd0ef3abc282a0f4bcc94"
        "163d0fe8058fc6b0074e17eb9f587bd7a949502b3253d4aab2a1125d636741b2");
}

TEST_CASE("docs/methods.md shows what one value becomes under one key") {
  const auto of = [](const core::method_rule& rule, std::string_view text = "203.0.113.7") {
    return tests::method_fixture(rule, "client.ip").of(text);
  };
  using method = core::field_method;
  // By the second implementation, on Python's hmac and cryptography.
  CHECK(of({.method = method::pseudonym}) ==
        "9df8158b5794e6e827f0d42e6fcc4669d49d681d2e048553a0925e6e0a7507a0");
  CHECK(of({.method = method::pseudonym, .scope = core::pseudonym_scope::path}) ==
        "97f958cbbcd962cada886ca1b22b209dd485701409f020450d9fe9f3cff4da88");
  CHECK(of({.method = method::ipcrypt}) == "efc7:81ad:9d56:80db:54a:7789:4d03:59cf");
  CHECK(of({.method = method::ipcrypt}, "2001:db8::1") ==
        "17d0:277d:6dde:634e:bbec:5e66:25de:be2b");
  CHECK(of({.method = method::ipcrypt_pfx}) == "242.49.30.202");
  CHECK(of({.method = method::ipcrypt_pfx}, "203.0.113.200") == "242.49.30.15");
  CHECK(of({.method = method::ipcrypt_pfx}, "2001:db8::1") ==
        "30d:cd13:f0f0:3671:b4d1:5f3a:478e:9caa");
  CHECK(of({.method = method::encrypt}) == "c26a406d.Onja5lSWKkirUGuI55CpFPQPPEn-GC8RHBIBoCo");
}

TEST_CASE("without a secret there is no cipher, and with its own none is derived") {
  const event::method_keys none = event::make_method_keys(nullptr, nullptr, nullptr);
  CHECK(none.pseudonyms);
  CHECK_FALSE(none.pseudonyms->keyed());
  CHECK_FALSE(none.ipcrypt);
  CHECK_FALSE(none.ipcrypt_pfx);
  CHECK_FALSE(none.values);
  const event::address ip = *event::parse_address("192.0.2.1");
  const event::secret_key own(from_hex("2b7e151628aed2a6abf7158809cf4f3c"));
  const event::secret_key derived = event::derive_key(tests::test_key(), "turnstile ipcrypt", 16);
  const auto with_own = event::make_method_keys(&tests::test_key(), &own, nullptr);
  const auto only_own = event::make_method_keys(nullptr, &own, nullptr);
  const auto as_derived = event::make_method_keys(nullptr, &derived, nullptr);
  CHECK(with_own.ipcrypt->encrypt(ip).bytes == only_own.ipcrypt->encrypt(ip).bytes);
  CHECK(tests::test_keys().ipcrypt->encrypt(ip).bytes == as_derived.ipcrypt->encrypt(ip).bytes);
  CHECK(with_own.ipcrypt->encrypt(ip).bytes != as_derived.ipcrypt->encrypt(ip).bytes);
  CHECK_FALSE(only_own.ipcrypt_pfx);
}

TEST_CASE("the SIV that these tests compare with is that of RFC 5297") {
  // Appendix A.1.
  CHECK(to_hex(siv(nettle_aes128,
                   from_hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
                   {from_hex("101112131415161718191a1b1c1d1e1f2021222324252627")},
                   from_hex("112233445566778899aabbccddee"))) ==
        "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c");
  // Appendix A.2.
  CHECK(to_hex(siv(nettle_aes128,
                   from_hex("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f"),
                   {from_hex("00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa9988"
                             "7766554433221100"),
                    from_hex("102030405060708090a0"), from_hex("09f911029d74e35bd84156c5635688c0")},
                   of_text("this is some plaintext to encrypt using SIV-AES"))) ==
        "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
        "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d");
}

TEST_CASE("a sealed value is AES-256-SIV over the path and a label") {
  const event::value_cipher& cipher = *tests::test_keys().values;
  CHECK(cipher.key_id() == "c26a406d");
  // By Python's cryptography.
  CHECK(sealed(cipher, "client.ip", R"("70.201.62.158")") ==
        "c26a406d.J8pKe8iimebWtqPKmxSI6owhT_vEYGynJukp8-v4Mg");
  CHECK(sealed(cipher, "client.ip", "1") == "c26a406d.MD6M9CqjL8XpI_BhCwe1VwQ");
  CHECK(sealed(cipher, "items[].email", R"("anna@example.com")") ==
        "c26a406d.FDPobxnOQX0y7SblRWKLTW8_o2Phl27rvQC5T2LUDfKRzQ");
  CHECK(sealed(cipher, "a", R"({"b":[1,2]})") == "c26a406d.QM0FaAQF-SVZADn9HVO7xbLE8Olq_5ll5UG6");
  tests::seeded_random random;
  INFO(random.note());
  const event::secret_key key = event::derive_key(tests::test_key(), "turnstile encrypt", 64);
  const bytes key_bytes(key.bytes().begin(), key.bytes().end());
  for (std::size_t size = 0; size < 200; ++size) {
    std::string plain(size, '\0');
    for (char& c : plain) c = static_cast<char>(random.below(256));
    std::string path(random.below(40), '\0');
    for (char& c : path) c = random.one_of("abc.[]\"*");
    const std::string text = sealed(cipher, path, plain);
    REQUIRE(text ==
            "c26a406d." + base64url(siv(nettle_aes256, key_bytes,
                                        {of_text(path), of_text("turnstile")}, of_text(plain))));
    REQUIRE(cipher.open(path, text) == plain);
  }
}

TEST_CASE("a sealed value opens under its own key and path only, and not when it was changed") {
  const event::value_cipher& cipher = *tests::test_keys().values;
  const std::string text = sealed(cipher, "client.ip", R"("70.201.62.158")");
  CHECK(cipher.open("client.ip", text) == R"("70.201.62.158")");
  CHECK_FALSE(cipher.open("client", text));
  CHECK_FALSE(cipher.open("client.ip", text.substr(1)));
  CHECK_FALSE(cipher.open("client.ip", text + "="));
  CHECK_FALSE(cipher.open("client.ip", ""));
  CHECK_FALSE(cipher.open("client.ip", "c26a406d."));
  CHECK_FALSE(cipher.open("client.ip", "c26a406d.J8pKe8iimebWtqPKmxSI"));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(cipher.open("client.ip", changed));
  }
  const event::secret_key other(bytes(32, 9));
  const auto others = event::make_method_keys(&other, nullptr, nullptr);
  CHECK_FALSE(others.values->open("client.ip", text));
  CHECK_FALSE(others.values->open("client.ip", others.values->key_id() + text.substr(8)));
}
