// `turnstile explain`: what the rules make of one event, step by step; nothing is sent.
//
// On the main thread.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.hpp"

namespace turnstile::app {

struct explain_args {
  std::string file = "-";  ///< `-`: standard input.
  std::string key;
  bool has_key = false;
  std::vector<std::string> headers;  ///< `NAME=VALUE`
  std::string from;                  ///< `TOPIC/PARTITION/OFFSET`; empty: the file.
  bool tombstone = false;            ///< There is no value.
  bool json = false;
  bool lines = false;  ///< Each line is an event.
};

[[nodiscard]] command_of<explain_args> explain_command();

/// The parts of `TOPIC/PARTITION/OFFSET`.
struct record_place {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string fault;  ///< Empty: the others are set.
};
[[nodiscard]] record_place parse_place(const std::string& text);

}  // namespace turnstile::app
