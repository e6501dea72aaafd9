// The methods of texts and numbers: mask, round, encrypt, and pseudonyms of canonical forms.
//
// Each is made once for a rule, then constant and shared by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "event/methods/field_method.hpp"

namespace turnstile::event {

/// Of `with`, escaped: bounds what mask makes of a character.
inline constexpr std::size_t mask_with_bytes_max = 16;
inline constexpr std::int64_t mask_keep_max = 1'000'000;

[[nodiscard]] std::unique_ptr<const field_method> make_mask_method(const core::method_rule& rule,
                                                                   std::string_view path,
                                                                   const method_keys& keys);

[[nodiscard]] std::unique_ptr<const field_method> make_encrypt_method(const core::method_rule& rule,
                                                                      std::string_view path,
                                                                      const method_keys& keys);

/// REQUIRES: the canonical form is not `ip`.
[[nodiscard]] std::unique_ptr<const field_method> make_pseudonym_method(
    const core::method_rule& rule, std::string_view path, const method_keys& keys);

/// Digits before the point of a number that `round` takes.
inline constexpr std::int64_t round_digits_max = 64;
inline constexpr double round_to_min = 1e-9;
inline constexpr double round_to_max = 1e15;

/// Exact: the multiple of the shortest decimal text that `to` has, in plain digits.
[[nodiscard]] std::unique_ptr<const field_method> make_round_method(const core::method_rule& rule,
                                                                    std::string_view path,
                                                                    const method_keys& keys);

}  // namespace turnstile::event
