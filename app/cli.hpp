// The command line: arguments, help, and the way from them to a command.
//
// Called once, on the main thread, before any other thread exists. GUARANTEES: nothing is started
// before the whole configuration is valid; faults and usage errors go to standard error, help to
// standard output.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/commands.hpp"
#include "config/config.hpp"

namespace turnstile::app {

using command = std::variant<run_args, generate_args, watch_args, check_args, demo_args,
                             audit::audit_args, version_args>;

/// A command line that was understood.
struct invocation {
  command what;
  std::string config_file;
  std::vector<core::override_text> overrides;
};

/// Either `invocation`, or what to print and the exit code.
struct parsed_command_line {
  std::optional<app::invocation> invocation;
  std::string output;  ///< Help, for standard output.
  std::string error;   ///< For standard error.
  int exit_code = 0;
};

/// `arguments` without the program's name.
[[nodiscard]] parsed_command_line parse_command_line(std::vector<std::string> arguments);

using environment = std::vector<std::pair<std::string, std::string>>;

/// Parses, loads the configuration, runs the command. Throws what the command throws.
[[nodiscard]] int run_command_line(std::vector<std::string> arguments,
                                   const environment& variables);

}  // namespace turnstile::app
