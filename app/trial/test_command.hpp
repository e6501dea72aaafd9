// `turnstile test`: golden tests of a user's own rules.
//
// On the main thread.
#pragma once

#include <string>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct test_args {
  std::string folder;
  bool update = false;  ///< Writes what came out in the place of what was expected.
};

[[nodiscard]] command_of<test_args> test_command();

}  // namespace turnstile::app
