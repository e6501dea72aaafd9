// The program's table with commands that only note how they were called.
//
// Used by app_test's one thread. Those that need no Kafka are the real ones.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "app/commands/audit_command.hpp"
#include "app/commands/check_command.hpp"
#include "app/commands/generate_command.hpp"
#include "app/commands/run_command.hpp"
#include "app/commands/value_commands.hpp"
#include "app/commands/version_command.hpp"
#include "app/demo/demo_command.hpp"
#include "app/health/health_command.hpp"
#include "app/lag/lag_command.hpp"
#include "app/redrive/redrive_command.hpp"
#include "app/seals/keygen_command.hpp"
#include "app/seals/unseal_command.hpp"
#include "app/shadow/shadow_command.hpp"
#include "app/shell/shell_commands.hpp"
#include "app/trial/explain_command.hpp"
#include "app/trial/test_command.hpp"
#include "app/watch/watch_command.hpp"

namespace turnstile::app {

struct noted_call {
  std::string command;  ///< Empty: none was called.
  core::settings settings;
  bool group_given = false;
  run_args run;
  generate_args generate;
  watch_args watch;
  lag_args lag;
  demo_args demo;
  audit::audit_args audit;
  shadow::shadow_args shadow;
  redrive_args redrive;
  unseal_args unseal;
};

/// Of the last call; a test clears it first.
inline noted_call& last_call() {
  static noted_call call;
  return call;
}

/// What the brokers answer to `check --connect`.
inline kafka_io::broker_report& broker_report() {
  static kafka_io::broker_report report;
  return report;
}

/// `real` with its words and options; it ends with `exit_code`.
template <typename Args>
command noting(command_of<Args> real, Args noted_call::*arguments, int exit_code = 0) {
  real.run = [name = real.words.name, arguments, exit_code](const Args& args,
                                                            const command_input& input) {
    last_call() = {};
    last_call().command = name;
    last_call().settings = input.config.values;
    last_call().group_given = input.group_given;
    last_call().*arguments = args;
    if (input.config.values.kafka.group == "throws") throw std::runtime_error("as asked");
    return exit_code;
  };
  return real;
}

inline std::vector<command> noted_commands() {
  return {noting(run_command(), &noted_call::run),
          check_command([](const core::settings& /*settings*/) { return broker_report(); }),
          health_command(),
          explain_command(),
          test_command(),
          noting(generate_command(), &noted_call::generate),
          noting(watch_command(), &noted_call::watch),
          noting(lag_command(), &noted_call::lag),
          noting(demo_command(), &noted_call::demo, 3),
          noting(audit_command(), &noted_call::audit),
          noting(shadow_command(), &noted_call::shadow),
          noting(redrive_command(), &noted_call::redrive),
          pseudonym_command(),
          reveal_command(),
          keygen_command(),
          noting(unseal_command(), &noted_call::unseal),
          version_command(),
          completion_command(),
          man_command()};
}

}  // namespace turnstile::app
