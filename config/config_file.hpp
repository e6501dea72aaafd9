// Reads a TOML file into dotted names and values, without knowing what they mean.
//
// A pure function of the file; called once at start. GUARANTEES: never throws; whatever is wrong
// with the file is one line that begins with its path and, where known, line and column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.hpp"
#include "config/rules/config_node.hpp"

namespace turnstile::core {

/// One key of the file. Tables are joined by dots, whether nested or quoted.
struct file_entry {
  std::string name;
  option_value value;
  std::string unsupported;  ///< "a date", where no option can hold such a value; else empty.
  bool is_empty_table = false;
  std::optional<config_node> rules;  ///< Of a table of rules, in the place of `value`.
  std::uint32_t line = 0;
};

struct config_file {
  std::vector<file_entry> entries;  ///< In the order of the file.
  std::string fault;                ///< Empty where the file could be read.
};

[[nodiscard]] config_file read_config_file(const std::string& path);

/// A value as it would stand in the file: `{ method = "mask" }`.
struct parsed_node {
  config_node node;
  std::string fault;  ///< Empty: `node` is the value.
};
[[nodiscard]] parsed_node parse_config_node(std::string_view text);

}  // namespace turnstile::core
