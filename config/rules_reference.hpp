// The parts about rules of the pages that are made from tables.
//
// Pure functions; any thread may call them.
#pragma once

#include <map>
#include <string>

#include "config/rules/rule_text.hpp"
#include "core/event_rules.hpp"

namespace turnstile::core {

/// Of CONFIGURATION.md: what the tables of rules hold, and every attribute.
[[nodiscard]] std::string rules_reference();

/// Of the example file: the preset `login` spelled out.
[[nodiscard]] std::string rules_example();

/// Where each name was given, as `core::config` has it.
using origin_map = std::map<std::string, std::string, std::less<>>;

/// Where the rule of a line was given: "worker.toml:4", or "preset login".
[[nodiscard]] std::string rule_origin(const rule_line& line, const event_rules& rules,
                                      const origin_map& origins);

/// `fields.ip = "mask-ip"  # worker.toml:4`, a line for each rule in force.
[[nodiscard]] std::string rules_in_force(const event_rules& rules, const origin_map& origins);

}  // namespace turnstile::core
