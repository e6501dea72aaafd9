// A statement of the audit as a file, signed or not.
//
// Pure functions. A signed file is, byte by byte, `{"statement":` S `,"signature":{"algorithm":
// "ed25519","public_key":"<64 hex>","value":"<128 hex>"}}` and a line feed; what is signed is the
// line `turnstile statement` and S, as it stands there. GUARANTEES: a file that is verified has no
// byte that could be another.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "event/methods/pseudonymiser.hpp"

namespace turnstile::app {

using sign_public_key = std::array<unsigned char, 32>;

[[nodiscard]] sign_public_key public_key_of(const event::secret_key& seed);

/// Eight hex digits that tell keys apart; no secret.
[[nodiscard]] std::string id_of(const sign_public_key& key);

/// Without a key it is not signed.
[[nodiscard]] std::string statement_file(std::string_view statement, const event::secret_key* seed);

struct verified_statement {
  std::string_view statement;  ///< Within the file's text.
  sign_public_key key{};       ///< That signed it.
};

/// `key`: whose signature it must be; none: any. The fault as what follows the file's name.
[[nodiscard]] std::variant<verified_statement, std::string> verify_statement(
    std::string_view file, const std::optional<sign_public_key>& key);

}  // namespace turnstile::app
