// `turnstile health`: whether the worker on this machine lives, or is ready.
//
// On the main thread.
#pragma once

#include "app/commands/command.hpp"

namespace turnstile::app {

struct health_args {
  bool ready = false;
};

[[nodiscard]] command_of<health_args> health_command();

}  // namespace turnstile::app
