// Commands that only note how they were called, in place of those that need a Kafka.
//
// Linked into app_test alone; used by its one thread.
#pragma once

#include <string>
#include <vector>

#include "app/commands.hpp"

namespace turnstile::app {

struct noted_call {
  std::string command;  ///< Empty: none was called.
  core::settings settings;
  generate_args generate;
  watch_args watch;
  demo_args demo;
  audit::audit_args audit;
};

/// Of the last call; a test clears it first.
noted_call& last_call();

/// What `check_brokers` answers.
kafka_io::broker_report& broker_report();

}  // namespace turnstile::app
