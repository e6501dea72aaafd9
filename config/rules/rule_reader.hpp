// Makes the rules for events out of a preset and what file, environment and command line say.
//
// Pure; called once at start. GUARANTEES: all faults are found in one go, each with the place where
// the value was given; rules with a fault are not to be used.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/rules/config_node.hpp"
#include "core/event_rules.hpp"

namespace turnstile::core {

inline constexpr std::size_t rules_max = 256;

/// One of the tables `fields`, `filter`, `headers`, `key`, as one place gives it.
struct rule_layer {
  std::string origin;      ///< "worker.toml", "command line (--set)".
  bool has_lines = false;  ///< The nodes' lines are those of a file.
  std::string root;
  config_node node;
};

struct rule_fault {
  std::string origin;
  std::string name;  ///< `fields.ip.method`
  std::string text;
};

struct read_rules_result {
  event_rules rules;
  std::vector<rule_fault> faults;
  /// Where each rule or condition was given last: `fields."context.ip"`, `filter.keep.status`.
  std::map<std::string, std::string, std::less<>> origins;
};

/// Later layers over earlier ones, path by path and attribute by attribute. `begin` is the preset.
[[nodiscard]] read_rules_result read_rules(event_rules begin,
                                           const std::vector<rule_layer>& layers);

/// A name of a table as it stands in the file: quoted where it must be.
[[nodiscard]] std::string key_text(std::string_view key);

/// Splits `fields."context.ip".method` as TOML would; empty where it is no such name.
[[nodiscard]] std::vector<std::string> split_keys(std::string_view name);

/// The table that a dotted name stands for: what its first key holds.
[[nodiscard]] config_node nested(const std::vector<std::string>& keys, config_node value);

}  // namespace turnstile::core
