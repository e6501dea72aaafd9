// `turnstile pseudonym`: what a value becomes, to find a person's records; `turnstile reveal`: what
// it was, for those who hold the key.
//
// On the main thread; both take a path whose rule and keys the configuration has, and ask no
// broker.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct value_args {
  std::string path;
  std::string key_dir;              ///< In place of the configuration's keys; empty: these.
  std::string key;                  ///< The id of the one to use; empty: all that are there.
  std::vector<std::string> values;  ///< Empty: the lines of standard input.
};

[[nodiscard]] command_of<value_args> pseudonym_command();
[[nodiscard]] command_of<value_args> reveal_command();

}  // namespace turnstile::app
