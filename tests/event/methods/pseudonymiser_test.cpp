#include "event/methods/pseudonymiser.hpp"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sodium.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile::event;

namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string hmac(std::string_view key, std::string_view value) {
  return pseudonymiser(secret_key(bytes_of(key))).of(value);
}

/// Lower-case hex of what libsodium makes of it.
std::string reference(std::string_view value, std::string_view key = {}) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), bytes_of(value).data(), value.size());
  if (!key.empty()) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key).data(), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(value).data(), value.size());
    crypto_auth_hmacsha256_final(&state, digest.data());
  }
  std::string text(pseudonym_bytes + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

const std::string key32 = "0123456789abcdef0123456789ABCDEF";

}  // namespace

TEST_CASE("without a key a pseudonym is SHA-256 in lower-case hex") {
  const pseudonymiser plain;
  CHECK_FALSE(plain.keyed());
  // FIPS 180-4 examples.
  CHECK(plain.of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(plain.of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(plain.of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("with a key a pseudonym is HMAC-SHA-256") {
  // RFC 4231, test cases 1, 2, 3 and 6 (a key longer than a block).
  CHECK(hmac(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("a value of any length has the pseudonym that another library makes of it") {
  turnstile::tests::seeded_random random;
  INFO(random.note());
  const pseudonymiser plain;
  for (std::size_t size = 0; size < 300; ++size) {
    std::string value(size, '\0');
    for (char& c : value) c = static_cast<char>(random.below(256));
    std::string key(random.below(200) + 1, '\0');
    for (char& c : key) c = static_cast<char>(random.below(256));
    REQUIRE(plain.of(value) == reference(value));
    REQUIRE(hmac(key, value) == reference(value, key));
  }
}

TEST_CASE("one pseudonymiser gives the same value the same pseudonym each time") {
  const pseudonymiser keyed(secret_key(bytes_of(key32)));
  CHECK(keyed.keyed());
  CHECK(keyed.of("70.201.62.158") == keyed.of("70.201.62.158"));
  CHECK(keyed.of("70.201.62.158") != keyed.of("70.201.62.159"));
  CHECK(keyed.of("70.201.62.158") != pseudonymiser().of("70.201.62.158"));
}

TEST_CASE("a key's fingerprint is the beginning of the HMAC of a label, and none without a key") {
  CHECK(pseudonymiser().key_fingerprint() == "none");
  const pseudonymiser keyed(secret_key(bytes_of(key32)));
  CHECK(keyed.key_fingerprint() == reference("turnstile key fingerprint", key32).substr(0, 8));
  const std::string other = "1" + key32.substr(1);
  CHECK(pseudonymiser(secret_key(bytes_of(other))).key_fingerprint() != keyed.key_fingerprint());
}
