// Completion scripts of shells, made of the words of the command line.
//
// Pure functions. GUARANTEES: whatever the words hold, they are quoted for their shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/shell/program_words.hpp"

namespace turnstile::app {

inline constexpr std::string_view shells[] = {"bash", "zsh", "fish"};

/// `settings`: the names that `--set` takes, with their dots. REQUIRES: `shell` is one of `shells`.
[[nodiscard]] std::string completion_script(std::string_view shell, const program_words& program,
                                            const std::vector<std::string>& settings);

}  // namespace turnstile::app
