// `turnstile generate`: sends events to try the worker with.
//
// On the main thread, and a thread of the sender's client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct generate_args {
  std::uint64_t count = 20'000;
  double rate = 0;  ///< Events per second; 0: as fast as possible.
  std::optional<std::uint64_t> seed;
  std::string preset;           ///< Empty: events of the configuration's rules.
  std::string mix;              ///< Empty: as the seed data, 5 % without device_type.
  std::size_t event_bytes = 0;  ///< Of each value, at least.
  std::string topic;            ///< Empty: topics.input.
};

[[nodiscard]] command_of<generate_args> generate_command();

}  // namespace turnstile::app
