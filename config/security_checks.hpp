// Whether what a configuration says of TLS and SASL goes together, before any broker is asked.
//
// Pure functions; any thread may call them. GUARANTEES: no text repeats a value that may be secret.
#pragma once

#include <string>
#include <vector>

#include "config/config_checks.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

/// With which no client could ever connect.
void check_security(const settings& values, std::vector<cross_fault>& out);

/// What works and gives away more than one may think. `rdkafka_version` as `rd_kafka_version()`.
void warn_of_security(const settings& values, int rdkafka_version, std::vector<std::string>& out);

}  // namespace turnstile::core
