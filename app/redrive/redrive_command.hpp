// `turnstile redrive`: puts right what ended as an error, from the inputs.
//
// On the main thread. What it does is in redrive_session.hpp.
#pragma once

#include "app/commands/command.hpp"
#include "app/redrive/redrive_args.hpp"

namespace turnstile::app {

[[nodiscard]] command_of<redrive_args> redrive_command();

}  // namespace turnstile::app
