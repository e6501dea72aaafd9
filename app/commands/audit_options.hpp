// The options of `turnstile audit` that are more than a word or a number.
//
// Pure functions of the command line, called on the main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/run/audit_session.hpp"

namespace turnstile::app {

/// Why it is none; empty: it is one.
[[nodiscard]] std::string audit_time_fault(const std::string& text);
[[nodiscard]] std::string audit_offsets_fault(const std::string& text);

/// REQUIRES: they have no fault.
[[nodiscard]] std::int64_t audit_time_of(const std::string& text);
[[nodiscard]] std::vector<audit::partition_range> audit_offsets_of(const std::string& text);

}  // namespace turnstile::app
