// What of the configuration becomes `settings.event`: the preset, the options of [event], and over
// them the tables of rules.
//
// Pure; called once at start, when all options are set.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "config/config_checks.hpp"
#include "config/rules/rule_reader.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

struct event_settings {
  read_rules_result read;
  std::vector<cross_fault> faults;  ///< Between options and rules.
};

/// `is_given` tells whether an option is not at its default.
[[nodiscard]] event_settings make_event_settings(
    const settings& values, const std::vector<rule_layer>& layers,
    const std::function<bool(std::string_view)>& is_given);

}  // namespace turnstile::core
