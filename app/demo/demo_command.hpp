// `turnstile demo`: embedded broker, generator and worker in one process.
//
// On the main thread; the sender and the worker have threads of their own.
#pragma once

#include <cstdint>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct demo_args {
  std::uint64_t count = 20'000;
  bool keep = false;     ///< Leaves broker and worker running until interrupted.
  bool details = false;  ///< Also the actors' figures.
};

[[nodiscard]] command_of<demo_args> demo_command();

}  // namespace turnstile::app
