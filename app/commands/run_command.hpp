// `turnstile run`: the worker, until it is told to stop.
//
// On the main thread; the worker has threads of its own.
#pragma once

#include <string>

#include "app/commands/command.hpp"

namespace turnstile::app {

/// The end of its help: every option with its default and meaning, by section.
[[nodiscard]] std::string option_list();

struct run_args {};

[[nodiscard]] command_of<run_args> run_command();

}  // namespace turnstile::app
