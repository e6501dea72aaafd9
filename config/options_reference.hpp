// The pages that are made from the table of options.
//
// Pure functions; any thread may call them. Tests compare what they return with the committed
// files, so those are never edited by hand.
#pragma once

#include <string>
#include <string_view>

#include "config/options.hpp"

namespace turnstile::core {

/// CONFIGURATION.md.
[[nodiscard]] std::string reference_page();

/// deploy/turnstile.example.toml: every option at its default.
[[nodiscard]] std::string example_file();

/// "0 to 900000 milliseconds", the names of a choice, or nothing.
[[nodiscard]] std::string bounds_of(const option& option);

/// Breaks `text` into lines of at most `width` columns, each begun with `indent`.
[[nodiscard]] std::string wrapped(std::string_view text, std::string_view indent,
                                  std::size_t width);

}  // namespace turnstile::core
