// The commands of the program: what each takes, and the function that runs it.
//
// Called once, on the main thread, with checked settings. Each returns the exit code of the
// process (core/exit_codes.hpp). An exception that leaves one ends the process with exit_internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "core/settings.hpp"
#include "kafka_io/broker_report.hpp"
#include "kafka_io/topic_reader.hpp"

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

/// Offsets of one input partition, from `low` to below `high`.
struct partition_range {
  std::int32_t partition = -1;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct audit_args {
  bool with_group = false;  ///< Compare with what `kafka.group` has committed.
  bool json = false;
  bool read_uncommitted = false;
  std::optional<std::int64_t> since_s;   ///< Seconds since the epoch.
  std::vector<partition_range> offsets;  ///< Empty: all.
  bool stopped = false;                  ///< All workers have stopped cleanly.
  bool values = false;                   ///< Look for raw values too.
  bool follow = false;
  std::int64_t interval_s = 10;
  std::int64_t lag_max_s = 60;
  std::string state_file;
};

/// Proves from the topics what became of every input.
int audit_command(const audit_args& args, const core::settings& settings);

struct version_args {
  bool json = false;
};

int version_command(const version_args& args);

}  // namespace turnstile::app
