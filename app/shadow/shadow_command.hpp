// `turnstile shadow`: what a new configuration would change, shown on inputs whose outcomes exist.
//
// On the main thread.
#pragma once

#include "app/commands/command.hpp"
#include "app/shadow/shadow_session.hpp"

namespace turnstile::app {

[[nodiscard]] command_of<shadow::shadow_args> shadow_command();

}  // namespace turnstile::app
