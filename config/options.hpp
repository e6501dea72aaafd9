// The one table of options: name, type, bounds, default, help and place in `settings` of each.
//
// Constant after its first use; any thread may read it. Defaults, validation, `--help`, the
// reference page and the example configuration are all made from it, so none can disagree.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "config/option/option.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

/// A table of the file, as a heading of help and reference.
struct option_section {
  std::string_view name;
  std::string_view about;
};

[[nodiscard]] const std::vector<option>& option_table();
[[nodiscard]] std::span<const option_section> option_sections();

/// Null where there is none.
[[nodiscard]] const option* find_option(std::string_view name);

/// `producer.linger_ms` is of section `producer`, `input.missing.ip` of `input.missing`.
[[nodiscard]] std::string_view section_of(std::string_view name);

/// Every field at its default.
[[nodiscard]] settings default_settings();

}  // namespace turnstile::core
