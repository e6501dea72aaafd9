// What a value was before its method, for those who hold the key.
//
// Pure functions, any thread; no part of the record's path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/event_rules.hpp"
#include "event/methods/method_keys.hpp"

namespace turnstile::event {

[[nodiscard]] bool can_reveal(core::field_method method);

/// The JSON token of the value that became `text`, which is what the output's string says. Of
/// addresses the canonical text; elements of a list that are none stay. Nothing: the text does not
/// come from this rule, path and key. REQUIRES: `can_reveal`, and the rule's key.
[[nodiscard]] std::optional<std::string> reveal(const core::method_rule& rule,
                                                std::string_view path, std::string_view text,
                                                const method_keys& keys);

}  // namespace turnstile::event
