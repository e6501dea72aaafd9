// Makes the settings out of defaults < file < environment < command line, and says what is wrong.
//
// Called once at start, before any thread; what it returns is a plain value. GUARANTEES: never
// throws for anything a user can write; each fault is one line that names the option and where it
// was given, all faults are found in one go, and none shows a secret.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::core {

/// A `name=value` of the command line; lists are comma separated.
struct override_text {
  std::string name;  ///< Dotted.
  std::string value;
  std::string origin;  ///< For faults: "--set", "--brokers".
};

struct config_sources {
  std::vector<std::string> files;  ///< Paths; later ones over earlier ones.
  /// Every variable of the environment; only `TURNSTILE_…` counts.
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<override_text> command_line;  ///< Of two with one name the later holds.

  /// Says what librdkafka has against a property, or nothing. May be null: then not asked.
  std::function<std::string(const std::string& name, const std::string& value)> check_property;
  int rdkafka_version = 0;  ///< As `rd_kafka_version()`; 0: unknown, taken as old.
};

struct config {
  settings values;
  std::vector<std::string> faults;    ///< Not empty: `values` must not be used.
  std::vector<std::string> warnings;  ///< What works but should be known.
  /// Where each name that is not at its default was given: "worker.toml:12".
  std::map<std::string, std::string, std::less<>> origins;
};

[[nodiscard]] config load_config(const config_sources& sources);

/// Splits `table.key=value`; an empty name where there is none.
[[nodiscard]] override_text parse_override(std::string_view text);

}  // namespace turnstile::core
