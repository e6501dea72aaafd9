// How many columns a text takes on a terminal, and what of it fits.
//
// Pure functions, callable from any thread. REQUIRES: valid UTF-8 without control characters, as
// core/quoting makes it, and no colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace turnstile::app {

/// East Asian wide characters and emoji take two; combining ones count as one, so that what was
/// measured is never too wide.
[[nodiscard]] std::size_t columns(std::string_view text);

/// As much of `text` as fits into `width` columns, with … in the last where something was cut.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

/// With blanks up to `width` columns.
[[nodiscard]] std::string padded(std::string text, std::size_t width);

}  // namespace turnstile::app
