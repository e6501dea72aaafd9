// Everyone's figures as a table for people.
//
// A free function; any thread may call it. Plain text, one line a row, a newline at the end.
#pragma once

#include <string>

#include "figures/registry.hpp"

namespace turnstile::figures {

/// A table for each sort of actor, its columns named as in the metrics log. What is unknown is a
/// dash; of errors only the reasons that occurred have rows.
[[nodiscard]] std::string text_table(const registry& figures);

}  // namespace turnstile::figures
