// A command line as the program reads it: what it prints, its exit code, what the command was
// given.
//
// Used by app_test's one thread.
#pragma once

#include <string>
#include <vector>

#include <unistd.h>

#include "app/cli.hpp"
#include "captured.hpp"
#include "noted_commands.hpp"

namespace turnstile::app {

struct outcome {
  int code = 0;
  std::string output;
  std::string error;
};

inline outcome run_with(const std::vector<command>& table,
                        const std::vector<std::string>& arguments,
                        const environment& variables = {}) {
  last_call() = {};
  outcome out;
  out.error = captured(STDERR_FILENO, [&] {
    out.output =
        captured(STDOUT_FILENO, [&] { out.code = run_command_line(table, arguments, variables); });
  });
  return out;
}

inline outcome run(const std::vector<std::string>& arguments, const environment& variables = {}) {
  return run_with(noted_commands(), arguments, variables);
}

}  // namespace turnstile::app
