// `turnstile lag`: how far a consumer group is behind, and who owns what.
//
// On the main thread.
#pragma once

#include <cstdint>
#include <optional>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct lag_args {
  bool json = false;
  bool watch = false;
  int interval_s = 2;
  std::optional<std::int64_t> records_max;
  std::optional<double> seconds_max;
};

[[nodiscard]] command_of<lag_args> lag_command();

}  // namespace turnstile::app
