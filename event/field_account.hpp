// What became of each field of an event: for people who try their rules.
//
// Pure functions; any thread may call them. Not on the record's path: it compares what went in with
// what came out, so that it says what was done rather than what should have been.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_rules.hpp"

namespace turnstile::event {

enum class field_fate : std::uint8_t {
  kept,  ///< The same value.
  changed,
  left_out,
  added,  ///< By a default: the event had none.
};

struct accounted_field {
  std::string path;  ///< Canonical; all elements of an array are one.
  std::string rule;  ///< The path of the rule that holds; empty: none.
  core::field_method method = core::field_method::keep;
  bool is_time = false;  ///< Of the rule's type.
  field_fate fate = field_fate::kept;
  std::vector<std::string> before;  ///< Compact JSON, at most a few elements.
  std::vector<std::string> after;
};

/// In the order of the event; empty where `before` is no JSON object. A value of a path that no
/// rule names is told as a whole. `after` is the event as it came out, empty for nothing.
[[nodiscard]] std::vector<accounted_field> account_fields(const core::event_rules& rules,
                                                          std::string_view before,
                                                          std::string_view after);

/// The paths of the rules that no member of the event has, in their order: one of them may be
/// misspelt. Empty where `before` is no JSON object.
[[nodiscard]] std::vector<std::string> unmatched_rules(const core::event_rules& rules,
                                                       std::string_view before);

}  // namespace turnstile::event
