#include "event/methods/pseudonymiser.hpp"

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <sodium.h>

namespace turnstile::event {

namespace {

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

using digest = std::array<unsigned char, SHA256_DIGEST_SIZE>;
static_assert(2 * sizeof(digest) == pseudonym_bytes);

/// More than nettle needs for a key.
constexpr std::size_t stack_bytes_used = 4096;

/// Without a table and branches, so that the compiler makes vector instructions of it.
char* write_hex(char* to, const digest& bytes) {
  const auto digit = [](unsigned nibble) {
    return static_cast<char>(nibble + '0' + (nibble > 9 ? 'a' - '0' - 10 : 0));
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    to[2 * i] = digit(bytes[i] >> 4U);
    to[2 * i + 1] = digit(bytes[i] & 0xfU);
  }
  return to + pseudonym_bytes;
}

}  // namespace

secret_key::secret_key(std::span<const unsigned char> bytes) : size_(bytes.size()) {
  start_sodium();
  bytes_.reset(static_cast<unsigned char*>(sodium_malloc(size_)));
  if (!bytes_) throw std::bad_alloc();
  if (size_ > 0) std::memcpy(bytes_.get(), bytes.data(), size_);
  sodium_mprotect_readonly(bytes_.get());
}

void secret_key::wipe::operator()(unsigned char* bytes) const noexcept { sodium_free(bytes); }

/// Its inner and outer state have the key's block behind them, so that a value costs two
/// compressions, not four.
struct pseudonymiser::keyed_state {
  hmac_sha256_ctx hmac;
};

void pseudonymiser::wipe::operator()(keyed_state* state) const noexcept { sodium_free(state); }

pseudonymiser::pseudonymiser() { start_sodium(); }

pseudonymiser::pseudonymiser(const secret_key& key) : pseudonymiser() {
  keyed_.reset(static_cast<keyed_state*>(sodium_malloc(sizeof(keyed_state))));
  if (!keyed_) throw std::bad_alloc();
  hmac_sha256_set_key(&keyed_->hmac, key.bytes().size(), key.bytes().data());
  sodium_stackzero(stack_bytes_used);  // nettle leaves the padded key there.
  sodium_mprotect_readonly(keyed_.get());
}

pseudonymiser::~pseudonymiser() = default;

char* pseudonymiser::write(char* to, std::string_view value) const {
  digest bytes;
  sha256_ctx state;
  if (keyed_) {
    state = keyed_->hmac.inner;
    sha256_update(&state, value.size(), as_bytes(value));
    sha256_digest(&state, bytes.size(), bytes.data());
    state = keyed_->hmac.outer;
    sha256_update(&state, bytes.size(), bytes.data());
    sha256_digest(&state, bytes.size(), bytes.data());
    sodium_memzero(&state, sizeof state);
  } else {
    sha256_init(&state);
    sha256_update(&state, value.size(), as_bytes(value));
    sha256_digest(&state, bytes.size(), bytes.data());
  }
  return write_hex(to, bytes);
}

std::string pseudonymiser::of(std::string_view value) const {
  std::string text(pseudonym_bytes, '\0');
  static_cast<void>(write(text.data(), value));
  return text;
}

std::string pseudonymiser::key_fingerprint() const {
  constexpr std::size_t shown = 8;
  return keyed() ? of("turnstile key fingerprint").substr(0, shown) : "none";
}

}  // namespace turnstile::event
