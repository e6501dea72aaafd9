// One rule while it is read: what is known of it, and where each attribute was given.
//
// Part of rule_reader; used on its thread only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "config/rules/attributes.hpp"
#include "config/rules/config_node.hpp"
#include "config/rules/rule_reader.hpp"

namespace turnstile::core {

/// What a rule is about, which decides the attributes that it may have.
enum class rule_place : std::uint8_t { field, header, key };

struct rule_draft {
  rule_place place = rule_place::field;
  std::string name;    ///< `fields.ip`
  std::string origin;  ///< Of the last change; empty: the preset's.
  field_rule rule;
  std::map<std::string_view, std::string> given;  ///< Attributes, with their origins.
};

using origin_of_node = std::function<std::string(const config_node&)>;

/// A method's name, or a table of attributes.
void apply_rule(rule_draft& draft, const config_node& node, const origin_of_node& origin,
                std::vector<rule_fault>& faults);

/// What a rule says that does not go together, once all layers are read.
void check_draft(const rule_draft& draft, std::vector<rule_fault>& faults);

/// The JSON token of a string, number or boolean, and what it says where it is a string; empty
/// where it is none of them.
struct scalar_token {
  std::string token;
  std::string fault;
};
[[nodiscard]] scalar_token token_of(const config_node& node);

/// "; did you mean x?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view near);

}  // namespace turnstile::core
