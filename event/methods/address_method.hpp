// The methods of addresses: what is common to them, and one function for each.
//
// Each is made once for a rule, then constant and shared by all threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "event/methods/field_method.hpp"

namespace turnstile::event {

/// More elements of a list make it no list, so that what each may become is bounded.
inline constexpr std::size_t list_elements_max = 100;

/// Of ipcrypt, ipcrypt-pfx, truncate-ip, mask-ip, and of pseudonym with the canonical form `ip`.
[[nodiscard]] std::unique_ptr<const field_method> make_address_method(const core::method_rule& rule,
                                                                      std::string_view path,
                                                                      const method_keys& keys);

}  // namespace turnstile::event
