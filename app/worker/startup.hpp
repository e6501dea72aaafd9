// Waits until the brokers answer and the topics are there.
//
// Called by worker_host on its own thread, before there is any actor. Says what it waits for at
// each step of its back-off, and returns as soon as it is asked to stop.
#pragma once

#include <optional>
#include <stop_token>

#include "core/figures.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/ask/admin.hpp"

namespace turnstile::app {

/// Nothing: the stop came first. What is waited for is the worker's phase.
[[nodiscard]] std::optional<core::topic_layout> await_topics(const kafka_io::admin& brokers,
                                                             const core::settings& settings,
                                                             core::worker_figures& figures,
                                                             const std::stop_token& stop);

/// False, with a line that says why: exactly-once on a broker that does not enforce transactions.
[[nodiscard]] bool may_promise(const kafka_io::admin& brokers, const core::settings& settings);

}  // namespace turnstile::app
