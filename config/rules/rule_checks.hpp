// What must hold between the rules of an event: that each can apply, and how many there may be.
//
// Pure functions, called once at start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/rules/rule_draft.hpp"

namespace turnstile::core {

/// Rules that can never apply, and too many of them.
void check_together(const std::vector<rule_draft>& fields, std::vector<rule_fault>& faults);

void check_count(const std::vector<rule_draft>& drafts, std::string_view table,
                 std::vector<rule_fault>& faults);

/// A path of `event.id` or `summary.count_by`, canonical: why it makes no sense with these rules;
/// empty where it does.
[[nodiscard]] std::string single_value_fault(std::string_view path, const event_rules& rules);

/// The same, of one path alone.
[[nodiscard]] std::string single_path_fault(std::string_view path);

}  // namespace turnstile::core
