// Addresses encrypted into addresses, by draft-denis-ipcrypt: deterministic, and with prefixes
// preserved.
//
// Made once from a key, then constant and shared by all threads. The keys' schedules lie in guarded
// memory. AES is nettle's.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "event/ciphers/address.hpp"
#include "event/ciphers/guarded.hpp"

namespace turnstile::event {

/// ipcrypt-deterministic: one block of AES-128 over the 16 bytes; of an IPv4 mostly an IPv6 comes.
class ipcrypt_cipher {
public:
  static constexpr std::size_t key_bytes = 16;

  explicit ipcrypt_cipher(std::span<const unsigned char, key_bytes> key);

  /// Without the port.
  [[nodiscard]] address encrypt(const address& value) const;
  [[nodiscard]] address decrypt(const address& value) const;

private:
  struct schedules;
  guarded<schedules> keys_;
};

/// ipcrypt-pfx: addresses with the first n bits in common have results with the first n bits in
/// common; an IPv4 stays one.
class ipcrypt_pfx_cipher {
public:
  static constexpr std::size_t key_bytes = 32;

  /// REQUIRES: the two halves differ.
  explicit ipcrypt_pfx_cipher(std::span<const unsigned char, key_bytes> key);

  /// Without the port.
  [[nodiscard]] address encrypt(const address& value) const;
  [[nodiscard]] address decrypt(const address& value) const;

private:
  struct schedules;
  guarded<schedules> keys_;
};

}  // namespace turnstile::event
