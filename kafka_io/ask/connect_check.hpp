// Whether a worker with these settings would find what it needs: `turnstile check`.
//
// Free functions that change nothing and join no group; any thread may call them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.hpp"
#include "kafka_io/ask/broker_report.hpp"

namespace turnstile::kafka_io {

class admin;

/// Why librdkafka would not make the worker's clients, a line each; empty: it would. Goes to no
/// broker. What only shows here: values that do not go together, files that cannot be read.
[[nodiscard]] std::vector<std::string> client_faults(const core::settings& settings);

/// What is in the way at the brokers, and what else is to be known of them. Blocks for some seconds
/// at most for each question; `asking` is told what is asked. REQUIRES: no client_faults.
[[nodiscard]] broker_report check_connection(const core::settings& settings,
                                             const std::function<void(std::string_view)>& asking);

/// Why a worker refuses to promise `delivery.guarantee` on these brokers; empty: it does not.
/// Blocks for seconds at most.
[[nodiscard]] std::string broken_promise(const admin& brokers, const core::settings& settings);

}  // namespace turnstile::kafka_io
