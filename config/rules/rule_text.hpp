// The rules for events as text: as a configuration file has them, and as JSON.
//
// Pure functions; any thread may call them.
#pragma once

#include <string>
#include <vector>

#include "core/event_rules.hpp"

namespace turnstile::core {

/// `"truncate-ip"` or `{ type = "string", method = "mask", keep_last = 4 }`, without what is at its
/// default.
[[nodiscard]] std::string rule_toml(const field_rule& rule);
[[nodiscard]] std::string rule_toml(const method_rule& rule);

/// The same as a JSON object.
[[nodiscard]] std::string rule_json(const field_rule& rule);
[[nodiscard]] std::string rule_json(const method_rule& rule);

/// `["2.3.0", "2.3.*"]`, which is JSON too.
[[nodiscard]] std::string values_text(const filter_condition& condition);

/// One line of the file: its name as an option has it, its table, the key in it, and the value.
struct rule_line {
  std::string name;   ///< `fields."context.ip"`
  std::string table;  ///< `fields`
  std::string key;    ///< `"context.ip"`
  std::string value;  ///< As TOML.
};

/// The tables [fields], [filter.keep], [filter.drop] and [headers], and [key] where it is not kept.
[[nodiscard]] std::vector<rule_line> rule_lines(const event_rules& rules);

/// {"preset":…,"id":…,"fields":[{"path":…,"rule":{…}},…],…}: all rules in force.
[[nodiscard]] std::string rules_json(const event_rules& rules);

}  // namespace turnstile::core
