#include "event/ciphers/value_cipher.hpp"

#include <cstdint>
#include <utility>

#include <nettle/siv-cmac.h>

#include "core/json_text.hpp"

namespace turnstile::event {

namespace {

constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
/// nettle's SIV wants a last string of associated data, which it calls a nonce.
constexpr std::string_view last_associated = "turnstile";

const std::uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// With the NUL byte that libsodium writes behind.
std::size_t base64_bytes(std::size_t bytes) { return sodium_base64_encoded_len(bytes, base64url); }

}  // namespace

struct value_cipher::schedules {
  siv_cmac_aes256_ctx siv;
};

value_cipher::value_cipher(std::span<const unsigned char, key_bytes> key, std::string key_id)
  : keys_([key](schedules& to) { siv_cmac_aes256_set_key(&to.siv, key.data()); }),
    key_id_(std::move(key_id)) {}

std::size_t value_cipher::bytes_max(std::size_t plain_bytes) const {
  const std::size_t sealed = SIV_DIGEST_SIZE + plain_bytes;
  return key_id_.size() + 1 + base64_bytes(sealed) + sealed;
}

char* value_cipher::write(char* to, std::string_view path, std::string_view plain) const {
  const std::size_t sealed_bytes = SIV_DIGEST_SIZE + plain.size();
  const std::size_t text_bytes = base64_bytes(sealed_bytes);
  to = core::write_bytes(to, key_id_);
  *to++ = '.';
  auto* const sealed = reinterpret_cast<std::uint8_t*>(to + text_bytes);
  siv_cmac_aes256_encrypt_message(&keys_->siv, last_associated.size(), as_bytes(last_associated),
                                  path.size(), as_bytes(path), sealed_bytes, sealed,
                                  as_bytes(plain));
  sodium_bin2base64(to, text_bytes, sealed, sealed_bytes, base64url);
  return to + text_bytes - 1;
}

std::optional<std::string> value_cipher::open(std::string_view path,
                                              std::string_view sealed) const {
  if (!sealed.starts_with(key_id_ + '.')) return std::nullopt;
  sealed.remove_prefix(key_id_.size() + 1);
  std::string bytes(sealed.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), sealed.data(),
                        sealed.size(), nullptr, &size, nullptr, base64url) != 0 ||
      size < SIV_DIGEST_SIZE)
    return std::nullopt;
  std::string plain(size - SIV_DIGEST_SIZE, '\0');
  if (siv_cmac_aes256_decrypt_message(&keys_->siv, last_associated.size(),
                                      as_bytes(last_associated), path.size(), as_bytes(path),
                                      plain.size(), reinterpret_cast<std::uint8_t*>(plain.data()),
                                      as_bytes(bytes)) != 1)
    return std::nullopt;
  return plain;
}

}  // namespace turnstile::event
