// The commands of the program: what each takes, and the function that runs it.
//
// Called once, on the main thread, with checked settings. Each returns the exit code of the
// process (core/exit_codes.hpp). An exception that leaves one ends the process with exit_internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/run/audit_session.hpp"
#include "config/config.hpp"
#include "core/settings.hpp"
#include "kafka_io/ask/broker_report.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

struct run_args {
  std::string config_file = {};  ///< Empty: none.
};

/// The worker. Logging is installed, and the configuration's warnings are logged.
int run_command(const run_args& args, const core::settings& settings);

struct generate_args {
  std::uint64_t count = 20'000;
  double rate = 0;  ///< Events per second; 0: as fast as possible.
  std::optional<std::uint64_t> seed;
  std::string mix;              ///< Empty: as the seed data, 5 % without device_type.
  std::size_t event_bytes = 0;  ///< Of each value, at least.
  std::string topic;            ///< Empty: topics.input.
};

/// Sends seed-like events and tells what it sent.
int generate_command(const generate_args& args, const core::settings& settings);

struct watch_args {
  std::vector<std::string> topics;
  kafka_io::read_scope scope{kafka_io::read_from::end};
  std::optional<std::uint64_t> count;  ///< Of records to show; none: all.
  bool json = false;                   ///< Also on a terminal.
};

/// Prints what arrives on topics.
int watch_command(const watch_args& args, const core::settings& settings);

struct demo_args {
  std::uint64_t count = 20'000;
  bool keep = false;     ///< Leaves broker and worker running until interrupted.
  bool details = false;  ///< Also the actors' figures.
};

/// Embedded broker, generator and worker in one.
int demo_command(const demo_args& args, const core::settings& settings);

struct check_args {
  bool connect = false;
  bool json = false;
  bool all = false;              ///< Values at their defaults too.
  bool print_reference = false;  ///< Only prints CONFIGURATION.md.
  bool print_example = false;    ///< Only prints deploy/turnstile.example.toml.
};

/// Tells the configuration's faults, or what is in force. Unlike the others it is also called with
/// a configuration that has faults.
int check_command(const check_args& args, core::config config);

/// What stands in the way of a worker with these settings at the brokers, and what is worth
/// knowing. May take some seconds.
kafka_io::broker_report check_brokers(const core::settings& settings);

/// Proves from the topics what became of every input.
int audit_command(const audit::audit_args& args, const core::settings& settings);

struct version_args {
  bool json = false;
};

int version_command(const version_args& args);

}  // namespace turnstile::app
