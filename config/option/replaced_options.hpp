// Options that earlier versions had, and what says the same now.
//
// Constant; any thread may read it.
#pragma once

#include <string>
#include <string_view>

namespace turnstile::core {

/// "is now fields.ip.default": the end of a sentence that begins with the old name; empty where
/// `name` is none.
[[nodiscard]] std::string_view replaced_option(std::string_view name);

/// The same for the option's variable of the environment.
[[nodiscard]] std::string replaced_variable(std::string_view variable);

}  // namespace turnstile::core
