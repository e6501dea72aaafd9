// The keys that the methods of an event's fields work with, each made once from its secret.
//
// Made at the start, and anew when the active key of the ring changes; shared by all methods;
// immutable, so any thread may use them. Wiped with the last that uses them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/event_rules.hpp"
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

/// Whether an output of these rules may depend on the pseudonyms' key, by itself or by one that is
/// derived from it.
[[nodiscard]] bool use_pseudonym_key(const core::event_rules& rules, const keys_there& keys);

struct method_keys {
  std::shared_ptr<const pseudonymiser> pseudonyms;  ///< Never null: without a key SHA-256.
  std::shared_ptr<const ipcrypt_cipher> ipcrypt;    ///< Null without a key, as what follows.
  std::shared_ptr<const ipcrypt_pfx_cipher> ipcrypt_pfx;
  std::shared_ptr<const value_cipher> values;
};

/// Null stands for a secret that is not there; what has none of its own is derived from that of the
/// pseudonyms. REQUIRES: the keys of IPCrypt have the sizes that it wants.
[[nodiscard]] method_keys make_method_keys(const secret_key* pseudonyms, const secret_key* ipcrypt,
                                           const secret_key* ipcrypt_pfx);

/// HKDF-SHA-256 (RFC 5869) of the secret, without a salt, with the label as info.
[[nodiscard]] secret_key derive_key(const secret_key& from, std::string_view label,
                                    std::size_t bytes);

}  // namespace turnstile::event
