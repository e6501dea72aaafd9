// The words of `--help` that are not about a single argument.
//
// Pure functions, called once by the command line.
#pragma once

#include <string>

namespace turnstile::app {

[[nodiscard]] std::string program_about();
[[nodiscard]] std::string program_footer();

}  // namespace turnstile::app
