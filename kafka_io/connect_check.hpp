// Whether a worker with these settings would find what it needs: `turnstile check`.
//
// Free functions that change nothing and join no group; any thread may call them.
#pragma once

#include <string>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::kafka_io {

/// Why librdkafka would not make the worker's clients, a line each; empty: it would. Goes to no
/// broker. What only shows here: values that do not go together, files that cannot be read.
[[nodiscard]] std::vector<std::string> client_faults(const core::settings& settings);

/// What is in the way at the brokers, a line each; empty: nothing. Blocks for some seconds at most.
/// REQUIRES: no client_faults.
[[nodiscard]] std::vector<std::string> connection_problems(const core::settings& settings);

}  // namespace turnstile::kafka_io
