// Rules that stand ready: of the login event, and of none.
//
// Pure functions; the configuration begins with what they return.
#pragma once

#include "core/event_rules.hpp"

namespace turnstile::event {

/// The contract of `user-login`, as docs/data-contract.md has it.
[[nodiscard]] core::event_rules login_rules();

/// No field has a rule; keys and headers pass.
[[nodiscard]] core::event_rules no_rules();

}  // namespace turnstile::event
