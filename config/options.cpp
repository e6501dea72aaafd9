#include "config/options.hpp"

#include <algorithm>

#include "event/presets.hpp"

namespace turnstile::core {

const option* find_option(std::string_view name) {
  const auto& table = option_table();
  const auto found = std::ranges::find(table, name, &option::name);
  return found == table.end() ? nullptr : &*found;
}

std::string_view section_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

settings default_settings() {
  settings values;
  values.event = event::login_rules();
  for (const auto& option : option_table()) option.set(values, option.standard);
  return values;
}

}  // namespace turnstile::core
