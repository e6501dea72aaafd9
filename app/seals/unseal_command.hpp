// `turnstile unseal`: opens the sealed contents of error records with the secret key.
//
// On the main thread. Nothing of a record that was not opened is printed.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

struct unseal_args {
  std::string topic;  ///< Empty: standard input.
  std::vector<std::string> keys;
  kafka_io::read_scope scope{kafka_io::read_from::beginning};
  bool json = false;
};

[[nodiscard]] command_of<unseal_args> unseal_command();

}  // namespace turnstile::app
