// `turnstile completion` and `turnstile man`: the command line as a shell and as man(1) read it.
//
// On the main thread; they read no configuration.
#pragma once

#include <string>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct completion_args {
  std::string shell;
};
struct man_args {};

[[nodiscard]] command_of<completion_args> completion_command();
/// Not in the help: what installs the program calls it.
[[nodiscard]] command_of<man_args> man_command();

}  // namespace turnstile::app
