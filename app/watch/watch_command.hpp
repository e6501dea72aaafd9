// `turnstile watch`: prints what arrives on topics, or adds up the summaries.
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
  std::vector<std::string> topics;  ///< Empty with `summary` only.
  kafka_io::read_scope scope{kafka_io::read_from::end};
  bool from_given = false;
  std::optional<std::uint64_t> count;  ///< Of records to show; none: all.
  bool json = false;                   ///< Also on a terminal.
  std::vector<std::string> reasons;    ///< Only records with one of them; empty: all.
  std::vector<std::string> where;      ///< `PATH=VALUE`; all must hold.
  bool summary = false;                ///< Adds up summaries; without topics those of the worker.
};

[[nodiscard]] command_of<watch_args> watch_command();

}  // namespace turnstile::app
