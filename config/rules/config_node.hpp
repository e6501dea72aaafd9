// A value of the configuration that may be a table: what the rules for events are read from.
//
// Made once at start from a file, a variable or the command line; a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnstile::core {

struct config_member;

struct config_node {
  using list = std::vector<config_node>;
  using table = std::vector<config_member>;  ///< In the order of the file.
  struct other {
    std::string kind;  ///< "a date or time": what no option can hold.
  };

  std::variant<bool, std::int64_t, double, std::string, list, table, other> value;
  /// A text of the environment or the command line, whose type is what is expected.
  bool is_untyped = false;
  std::uint32_t line = 0;  ///< 0: of no file.
};

struct config_member {
  std::string name;
  config_node node;
};

/// The roots of the file that are tables of rules rather than of options.
[[nodiscard]] inline bool is_rule_table(std::string_view name) {
  return name == "fields" || name == "filter" || name == "headers" || name == "key";
}

/// "the string \"x\"", "a table".
[[nodiscard]] std::string in_words(const config_node& node);

}  // namespace turnstile::core
