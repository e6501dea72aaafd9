// Checks of what a command's options are given, in words for a usage error.
//
// Pure functions. GUARANTEES: a fault quotes a short piece of the text at most.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace turnstile::app {

/// Empty: `text` is one.
[[nodiscard]] std::string whole_number(const std::string& text);
[[nodiscard]] std::string whole_number_from_1(const std::string& text);
/// The conversion itself refuses what is no number.
[[nodiscard]] std::string not_negative(const std::string& text);

// CLI11 would print what these check beside the type: the help says it.
[[nodiscard]] CLI::Validator within(std::int64_t least, std::int64_t most);
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> names);

/// Of an option that `one_of` checks; else empty.
[[nodiscard]] std::vector<std::string> choices_of(CLI::Option& option);

}  // namespace turnstile::app
