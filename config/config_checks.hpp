// What must hold between several options, and what works but should be known.
//
// Pure functions over complete settings; called once by load_config. Each returns lines without
// origin that begin with the option's name.
#pragma once

#include <string>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::core {

/// A fault and the options that it is about, the one to change first.
struct cross_fault {
  std::vector<std::string> names;
  std::string text;
};

[[nodiscard]] std::vector<cross_fault> cross_check(const settings& values);

[[nodiscard]] std::vector<std::string> config_warnings(const settings& values, int rdkafka_version);

}  // namespace turnstile::core
