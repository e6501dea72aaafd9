// `turnstile watch`: prints what arrives on topics.
//
// On the main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/command.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

struct watch_args {
  std::vector<std::string> topics;
  kafka_io::read_scope scope{kafka_io::read_from::end};
  std::optional<std::uint64_t> count;  ///< Of records to show; none: all.
  bool json = false;                   ///< Also on a terminal.
};

[[nodiscard]] command_of<watch_args> watch_command();

}  // namespace turnstile::app
