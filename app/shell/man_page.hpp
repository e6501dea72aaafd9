// The manual page turnstile(1), made of the words of the command line.
//
// A pure function. GUARANTEES: no text of a help becomes a request of roff.
#pragma once

#include <string>
#include <string_view>

#include "app/shell/program_words.hpp"

namespace turnstile::app {

[[nodiscard]] std::string man_page(const program_words& program, std::string_view version);

}  // namespace turnstile::app
