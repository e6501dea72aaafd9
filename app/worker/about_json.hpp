// What /status says of the worker's start: who it is, what it works on, the options in force.
//
// A pure function, called once at the start. GUARANTEES: no secret; bounded.
#pragma once

#include <string>

#include "app/worker/start_line.hpp"
#include "core/settings.hpp"

namespace turnstile::app {

/// `{"worker":…,"group":…,"input":…,…,"config":[{"name":…,"value":…,"changed":…},…]}`: all options,
/// and the rules and librdkafka properties that are set. `changed`: not at its default.
[[nodiscard]] std::string about_json(const core::settings& settings, const start_facts& facts);

}  // namespace turnstile::app
