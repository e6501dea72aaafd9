// The words of `--help` that are not about a single argument.
//
// Pure functions, called once by the command line. The list of options comes from the one table.
#pragma once

#include <string>

namespace turnstile::app {

[[nodiscard]] std::string program_about();
[[nodiscard]] std::string program_footer();
[[nodiscard]] std::string run_footer();
[[nodiscard]] std::string check_footer();
[[nodiscard]] std::string generate_footer();
[[nodiscard]] std::string watch_footer();
[[nodiscard]] std::string demo_footer();
[[nodiscard]] std::string audit_footer();
[[nodiscard]] std::string version_footer();

/// Every option with its default and meaning, by section.
[[nodiscard]] std::string option_list();

}  // namespace turnstile::app
