#include "config/near_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "config/options.hpp"

namespace turnstile::core {

namespace {

/// A name without its unit or kind: `privacy.hmac_key` of `privacy.hmac_key_file`.
bool is_begun(std::string_view name, std::string_view word) {
  return name.size() > word.size() && name.starts_with(word) && name[word.size()] == '_';
}

std::string_view key_of(std::string_view name) { return name.substr(name.rfind('.') + 1); }

std::string told(std::string_view near) {
  constexpr std::string_view what = "unknown option; ";
  if (near.empty()) return std::string(what) + all_options;
  return std::string(what) + "did you mean " + std::string(near) + "?";
}

std::string near_variable(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& option : option_table()) {
    known.push_back(environment_name(option.name));
    const std::string table = environment_name(section_of(option.name));
    if (name.size() > table.size() && is_begun(known.back(), name)) return known.back();
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (const auto near = closest(name, names); !near.empty()) return std::string(near);
  const std::string key{name.substr(environment_name("").size() - 1)};
  for (const auto& variable : known)
    if (key.size() > 1 && variable.ends_with(key)) return variable;
  return {};
}

}  // namespace

std::string_view near_option(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& option : option_table()) {
    if (is_begun(option.name, name)) return option.name;
    names.push_back(option.name);
  }
  for (const auto& section : option_sections()) names.push_back(section.name);
  if (const auto near = closest(name, names); !near.empty()) return near;
  static constexpr std::array<std::string_view, 4> tables{"fields", "filter", "headers", "key"};
  if (const auto dot = name.find('.'); dot != std::string_view::npos && dot > 0)
    if (const auto near = closest(name.substr(0, dot), tables); !near.empty()) return near;
  // A right key in the wrong table, or in none.
  const auto key = key_of(name);
  const auto has_key = [key](const option& option) {
    return key_of(option.name) == key || (!key.empty() && is_begun(key_of(option.name), key));
  };
  const auto& table = option_table();
  const auto found = std::ranges::find_if(table, has_key);
  return found == table.end() ? std::string_view{} : found->name;
}

std::string unknown_option(std::string_view name) { return told(near_option(name)); }

std::string unknown_variable(std::string_view name) { return told(near_variable(name)); }

}  // namespace turnstile::core
