// `turnstile version`: versions of the program and its libraries.
//
// On the main thread; reads no configuration.
#pragma once

#include "app/commands/command.hpp"

namespace turnstile::app {

struct version_args {
  bool json = false;
};

[[nodiscard]] command_of<version_args> version_command();

}  // namespace turnstile::app
