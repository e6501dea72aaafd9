// `turnstile check`: tells the configuration's faults, or what is in force.
//
// On the main thread; also run with a configuration that has faults.
#pragma once

#include <functional>

#include "app/commands/command.hpp"
#include "kafka_io/ask/broker_report.hpp"

namespace turnstile::app {

struct check_args {
  bool connect = false;
  bool json = false;
  bool all = false;              ///< Values at their defaults too.
  bool print_reference = false;  ///< Only prints CONFIGURATION.md.
  bool print_metrics = false;    ///< Only prints docs/metrics.md.
  bool print_example = false;    ///< Only prints deploy/turnstile.example.toml.
};

/// What stands in the way of a worker with these settings at the brokers, and what is worth
/// knowing. May take some seconds.
using broker_question = std::function<kafka_io::broker_report(const core::settings&)>;
[[nodiscard]] kafka_io::broker_report ask_brokers(const core::settings& settings);

[[nodiscard]] command_of<check_args> check_command(broker_question ask = ask_brokers);

}  // namespace turnstile::app
