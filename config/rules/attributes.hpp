// What a rule may say: name, values, default, help of each attribute, and with which methods and
// types it goes.
//
// Constant after its first use; any thread may read it. Reading, faults, the reference page and
// the rules that `check` shows are all made from this table.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/option/option.hpp"
#include "core/event_rules.hpp"

namespace turnstile::core {

/// What an attribute holds beyond what an option can.
enum class attribute_kind : std::uint8_t {
  option,  ///< As its shape says.
  scalar,  ///< Any string, number or boolean, as a JSON token.
  number,  ///< Greater than 0, with a fraction or without.
};

struct rule_attribute {
  option shape;  ///< Without a place in `settings`.
  attribute_kind kind = attribute_kind::option;
  std::vector<field_method> methods;  ///< With which it goes; empty: with all.
  bool is_of_time = false;            ///< Goes with the type `time` only.
  bool is_of_fields = true;           ///< Of a field's value; not of a header or key.

  /// REQUIRES: `value_fault` of the shape is empty; of a scalar the token, as a string.
  std::function<void(field_rule&, const option_value&)> set;
  /// As it would stand in the file, which is JSON too.
  std::function<std::string(const field_rule&)> shown;
};

/// `type` first, then `method`, then in the order in which they are explained.
[[nodiscard]] std::span<const rule_attribute> rule_attributes();

/// Null where there is none.
[[nodiscard]] const rule_attribute* find_attribute(std::string_view name);

[[nodiscard]] std::string_view name_of(field_method method);
[[nodiscard]] std::string_view name_of(field_type type);

/// Whether an object or array may be left to look into: false where it is replaced as a whole.
[[nodiscard]] bool leaves_members(const method_rule& rule);

[[nodiscard]] bool goes_with(const rule_attribute& attribute, field_method method);

}  // namespace turnstile::core
