// Reads the table [filter]: which values keep an event, and which drop it.
//
// Part of rule_reader; used on its thread only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/rules/rule_draft.hpp"

namespace turnstile::core {

inline constexpr std::size_t filter_conditions_max = 256;
inline constexpr std::size_t filter_values_max = 10'000;

class filter_reader {
public:
  /// Changes what it is given, which outlives it.
  filter_reader(event_rules& rules, std::vector<rule_fault>& faults,
                std::map<std::string, std::string, std::less<>>& origins)
    : rules_(rules), faults_(faults), origins_(origins) {}

  /// An empty table, as an empty list of values, takes away what earlier layers said.
  void read(const config_node& node, const origin_of_node& origin);

private:
  void read_conditions(const std::string& name, std::vector<filter_condition>& to,
                       const config_node& node, const origin_of_node& origin);
  void read_condition(const std::string& name, filter_condition& to, const config_node& node,
                      const origin_of_node& origin);
  void add_value(const std::string& name, filter_condition& to, const config_node& node,
                 const origin_of_node& origin);

  event_rules& rules_;
  std::vector<rule_fault>& faults_;
  std::map<std::string, std::string, std::less<>>& origins_;
};

}  // namespace turnstile::core
