// The parts about rules of the pages that are made from tables.
//
// Pure functions; any thread may call them.
#pragma once

#include <map>
#include <string>

#include "core/event_rules.hpp"

namespace turnstile::core {

/// Of CONFIGURATION.md: what the tables of rules hold, and every attribute.
[[nodiscard]] std::string rules_reference();

/// Of the example file: the preset `login` spelled out.
[[nodiscard]] std::string rules_example();

/// `fields.ip = "mask-ip"  # worker.toml:4`, a line for each rule in force.
[[nodiscard]] std::string rules_in_force(
    const event_rules& rules, const std::map<std::string, std::string, std::less<>>& origins);

}  // namespace turnstile::core
