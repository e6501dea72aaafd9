// `turnstile keygen`: makes the keys that the configuration and other commands name, in files that
// others cannot read.
//
// On the main thread. GUARANTEES: no file is overwritten; a pair is there whole, or not at all.
#pragma once

#include <string>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct keygen_args {
  std::string kind;
  std::string file;  ///< Empty: `<kind>.key`, here.
};

[[nodiscard]] command_of<keygen_args> keygen_command();

}  // namespace turnstile::app
