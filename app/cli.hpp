// The command line: arguments, help, and the way from them to a command of the table.
//
// Called once, on the main thread, before any other thread exists. GUARANTEES: nothing is started
// before the whole configuration is valid; faults and usage errors go to standard error, help to
// standard output.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/commands/command.hpp"

namespace turnstile::app {

using environment = std::vector<std::pair<std::string, std::string>>;

/// Parses `arguments` (without the program's name), loads the configuration, runs the command; its
/// exit code. Throws what the command throws.
[[nodiscard]] int run_command_line(const std::vector<command>& table,
                                   std::vector<std::string> arguments,
                                   const environment& variables);

}  // namespace turnstile::app
