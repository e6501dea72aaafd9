// The keys that the methods of an event's fields work with, each made once from its secret.
//
// Made at the start and shared by all methods; immutable, so any thread may use them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "event/ciphers/ipcrypt.hpp"
#include "event/ciphers/value_cipher.hpp"
#include "event/methods/pseudonymiser.hpp"

namespace turnstile::event {

/// Which secrets the configuration names.
struct keys_there {
  bool pseudonyms = false;
  bool ipcrypt = false;
  bool ipcrypt_pfx = false;
};

struct method_keys {
  std::shared_ptr<const core::pseudonymiser> pseudonyms;  ///< Never null: without a key SHA-256.
  std::shared_ptr<const ipcrypt_cipher> ipcrypt;          ///< Null without a key, as what follows.
  std::shared_ptr<const ipcrypt_pfx_cipher> ipcrypt_pfx;
  std::shared_ptr<const value_cipher> values;
};

/// Null stands for a secret that is not there; what has none of its own is derived from that of the
/// pseudonyms. REQUIRES: the keys of IPCrypt have the sizes that it wants.
[[nodiscard]] method_keys make_method_keys(const core::secret_key* pseudonyms,
                                           const core::secret_key* ipcrypt,
                                           const core::secret_key* ipcrypt_pfx);

/// HKDF-SHA-256 (RFC 5869) of the secret, without a salt, with the label as info.
[[nodiscard]] core::secret_key derive_key(const core::secret_key& from, std::string_view label,
                                          std::size_t bytes);

}  // namespace turnstile::event
