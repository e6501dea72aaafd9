#include "app/commands/preset_rules.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include "config/config.hpp"
#include "core/quoting.hpp"
#include "event/presets.hpp"

namespace turnstile::app {

namespace {

constexpr std::array<const char*, 2> folders{"presets", "/usr/share/turnstile/presets"};

std::string names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error))
    if (file.path().extension() == ".toml") names.push_back(file.path().stem().string());
  std::ranges::sort(names);
  std::string out;
  for (const auto& name : names) core::append_item(out, core::printable(name));
  return out;
}

std::string file_of(const std::string& name) {
  std::error_code error;
  if (name.find('/') != std::string::npos || name.ends_with(".toml")) return name;
  for (const auto* folder : folders) {
    const std::string file = std::string(folder) + "/" + name + ".toml";
    if (std::filesystem::is_regular_file(file, error)) return file;
  }
  return {};
}

}  // namespace

std::variant<core::event_rules, std::string> load_preset_rules(const std::string& name) {
  const std::string file = file_of(name);
  if (file.empty()) {
    std::string there;
    for (const auto* folder : folders)
      if (there.empty()) there = names_in(folder);
    return "there is no preset " + core::quoted_short(name) +
           (there.empty() ? "; name its file" : "; there are " + there);
  }
  const auto loaded = core::load_config({.files = {file}});
  if (loaded.faults.empty()) return loaded.values.event;
  std::string faults;
  for (const auto& fault : loaded.faults) core::append_item(faults, fault, "\n");
  return faults;
}

bool treat_as_login(const core::event_rules& rules) {
  core::event_rules known = event::login_rules();
  // What is named and counted decides no outcome.
  known.id = rules.id;
  known.count_by = rules.count_by;
  return rules == known;
}

}  // namespace turnstile::app
