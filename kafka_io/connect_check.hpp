// Whether a worker with these settings would find what it needs: `turnstile check --connect`.
//
// A free function that blocks for some seconds at most. It changes nothing and joins no group.
#pragma once

#include <string>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::kafka_io {

/// One line for each thing in the way; empty: nothing.
[[nodiscard]] std::vector<std::string> connection_problems(const core::settings& settings);

}  // namespace turnstile::kafka_io
