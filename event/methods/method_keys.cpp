#include "event/methods/method_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <sodium.h>

namespace turnstile::event {

namespace {

/// A key for HMAC, HKDF's work, and what comes of it; wiped at the end.
struct hkdf_work {
  static constexpr std::size_t bytes_max = 64;

  hmac_sha256_ctx hmac{};
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> extracted{};
  std::array<std::uint8_t, bytes_max> expanded{};

  hkdf_work() = default;
  ~hkdf_work() { sodium_memzero(this, sizeof *this); }
  hkdf_work(const hkdf_work&) = delete;
  hkdf_work& operator=(const hkdf_work&) = delete;
};

// nettle's functions take their own state by its type, HKDF's by void*.
void update(void* state, std::size_t bytes, const std::uint8_t* data) {
  hmac_sha256_update(static_cast<hmac_sha256_ctx*>(state), bytes, data);
}
void digest(void* state, std::size_t bytes, std::uint8_t* to) {
  hmac_sha256_digest(static_cast<hmac_sha256_ctx*>(state), bytes, to);
}

/// Its own secret, or the one derived from the pseudonyms' key; null where neither is there.
template <class Cipher>
std::shared_ptr<const Cipher> make_cipher(const secret_key* own, const secret_key* pseudonyms,
                                          std::string_view label) {
  constexpr std::size_t bytes = Cipher::key_bytes;
  if (own) return std::make_shared<const Cipher>(own->bytes().template first<bytes>());
  if (!pseudonyms) return nullptr;
  const secret_key derived = derive_key(*pseudonyms, label, bytes);
  return std::make_shared<const Cipher>(derived.bytes().template first<bytes>());
}

}  // namespace

bool use_pseudonym_key(const core::event_rules& rules, const keys_there& keys) {
  if (!keys.pseudonyms) return false;
  const auto uses = [&keys](const core::method_rule& rule) {
    using enum core::field_method;
    return rule.method == pseudonym || rule.invalid == core::invalid_value::pseudonym ||
           rule.method == encrypt || (rule.method == ipcrypt && !keys.ipcrypt) ||
           (rule.method == ipcrypt_pfx && !keys.ipcrypt_pfx);
  };
  return uses(rules.key) || uses(rules.other_headers) ||
         std::ranges::any_of(rules.fields, uses, &core::field_rule::method) ||
         std::ranges::any_of(rules.headers, uses, &core::header_rule::method);
}

secret_key derive_key(const secret_key& from, std::string_view label, std::size_t bytes) {
  hkdf_work work;
  hmac_sha256_set_key(&work.hmac, 0, nullptr);
  hkdf_extract(&work.hmac, update, digest, work.extracted.size(), from.bytes().size(),
               from.bytes().data(), work.extracted.data());
  hmac_sha256_set_key(&work.hmac, work.extracted.size(), work.extracted.data());
  hkdf_expand(&work.hmac, update, digest, work.extracted.size(), label.size(),
              reinterpret_cast<const std::uint8_t*>(label.data()), bytes, work.expanded.data());
  return secret_key({work.expanded.data(), bytes});
}

method_keys make_method_keys(const secret_key* pseudonyms, const secret_key* ipcrypt,
                             const secret_key* ipcrypt_pfx) {
  method_keys keys;
  keys.pseudonyms = pseudonyms ? std::make_shared<const pseudonymiser>(*pseudonyms)
                               : std::make_shared<const pseudonymiser>();
  keys.ipcrypt = make_cipher<ipcrypt_cipher>(ipcrypt, pseudonyms, "turnstile ipcrypt");
  keys.ipcrypt_pfx =
      make_cipher<ipcrypt_pfx_cipher>(ipcrypt_pfx, pseudonyms, "turnstile ipcrypt-pfx");
  if (pseudonyms) {
    const secret_key derived =
        derive_key(*pseudonyms, "turnstile encrypt", value_cipher::key_bytes);
    keys.values = std::make_shared<const value_cipher>(
        derived.bytes().first<value_cipher::key_bytes>(), keys.pseudonyms->key_fingerprint());
  }
  return keys;
}

}  // namespace turnstile::event
