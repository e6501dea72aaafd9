#include "event/errors/content_seal.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sodium.h>

using namespace turnstile;
using event::content_opener;
using event::content_sealer;
using event::seal_key;

namespace {

using key_bytes = std::array<unsigned char, event::seal_key_bytes>;

struct pair {
  key_bytes open{}, secret{};
  pair() { crypto_box_keypair(open.data(), secret.data()); }
  [[nodiscard]] seal_key key() const { return *seal_key::of(open); }
  [[nodiscard]] content_opener opener() const { return *content_opener::of(secret); }
};

/// Of `{"sealed":"…","seal_key":"…"}`.
std::string box_in(std::string_view content) {
  constexpr std::string_view before = "{\"sealed\":\"";
  REQUIRE(content.starts_with(before));
  content.remove_prefix(before.size());
  return std::string(content.substr(0, content.find('"')));
}

std::string bytes_of(const std::string& base64) {
  std::string bytes(base64.size(), '\0');
  std::size_t size = 0;
  REQUIRE(sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                            base64.data(), base64.size(), nullptr, &size, nullptr,
                            sodium_base64_VARIANT_ORIGINAL) == 0);
  bytes.resize(size);
  return bytes;
}

std::string all_bytes() {
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
  return bytes;
}

}  // namespace

TEST_CASE("what is sealed opens as the bytes that it was") {
  const pair keys;
  content_sealer sealer(keys.key());
  core::arena memory;
  for (const std::string& plain : {std::string(), std::string("{\"ip\":\"203.0.113.7\"}"),
                                   all_bytes(), std::string(1 << 20, 'x')}) {
    const std::string_view content = sealer.seal(plain, memory);
    CHECK(content.size() == sealer.bytes(plain.size()));
    CHECK(content.ends_with(",\"seal_key\":\"" + keys.key().id() + "\"}"));
    CHECK(keys.opener().open(box_in(content)) == plain);
  }
}

TEST_CASE("any libsodium opens the box: a public key, a nonce, a crypto_box") {
  const pair keys;
  content_sealer sealer(keys.key());
  core::arena memory;
  const std::string box = bytes_of(box_in(sealer.seal("plain", memory)));
  const auto* const from = reinterpret_cast<const unsigned char*>(box.data());
  std::array<unsigned char, 5> plain{};
  REQUIRE(box.size() == 32 + 24 + 16 + plain.size());
  CHECK(crypto_box_open_easy(plain.data(), from + 56, box.size() - 56, from + 32, from,
                             keys.secret.data()) == 0);
  CHECK(std::string(plain.begin(), plain.end()) == "plain");
}

TEST_CASE("the boxes of a batch have one public key and a nonce each, those of the next another") {
  const pair keys;
  content_sealer sealer(keys.key());
  core::arena memory;
  const auto head = [&] { return bytes_of(box_in(sealer.seal("same", memory))).substr(0, 56); };
  std::vector<std::string> heads;
  for (int i = 0; i < 300; ++i) {
    heads.push_back(head());
    CHECK(heads.back().substr(0, 32) == heads.front().substr(0, 32));
    for (int j = 0; j < i; ++j) REQUIRE(heads[static_cast<std::size_t>(j)] != heads.back());
  }
  sealer.forget();
  CHECK(head().substr(0, 32) != heads.front().substr(0, 32));
}

TEST_CASE("a box that was changed in any byte, or sealed for another key, does not open") {
  const pair keys;
  const pair others;
  content_sealer sealer(keys.key());
  core::arena memory;
  const std::string box = box_in(sealer.seal("203.0.113.7", memory));
  CHECK_FALSE(others.opener().open(box));
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string changed = box;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(keys.opener().open(changed));
    CHECK_FALSE(keys.opener().open(box.substr(0, i)));
  }
  CHECK_FALSE(keys.opener().open(box + "A"));
  CHECK(keys.opener().open(box));
}

TEST_CASE("keys are told apart by their ids, which a secret key has too") {
  const pair keys;
  const pair others;
  CHECK(keys.key().id().size() == 8);
  CHECK(keys.opener().public_key().id() == keys.key().id());
  CHECK(others.key().id() != keys.key().id());
}

TEST_CASE("nothing is sealed for bytes that are no key") {
  key_bytes none{};
  CHECK_FALSE(seal_key::of(none));
  none[0] = 1;
  CHECK_FALSE(seal_key::of(none));
  CHECK_FALSE(seal_key::of(std::span(none).first(31)));
  CHECK_FALSE(content_opener::of(std::span(none).first(31)));
}
