// The table of the program's commands, in the order of its help.
//
// Made once, by main.
#pragma once

#include <vector>

#include "app/commands/command.hpp"

namespace turnstile::app {

[[nodiscard]] std::vector<command> commands();

}  // namespace turnstile::app
