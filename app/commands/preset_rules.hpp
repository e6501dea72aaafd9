// The rules of a preset by its name, from the files that come with the program.
//
// Blocks on files; called on the main thread.
#pragma once

#include <string>
#include <variant>

#include "core/event_rules.hpp"

namespace turnstile::app {

/// `name`: of a file in presets/ here or in /usr/share/turnstile/presets, or the path of one. Gives
/// why it cannot be taken, as lines.
[[nodiscard]] std::variant<core::event_rules, std::string> load_preset_rules(
    const std::string& name);

/// Whether each event has the outcome that the built-in rules of the login event give it.
[[nodiscard]] bool treat_as_login(const core::event_rules& rules);

}  // namespace turnstile::app
