// Whether a worker could listen at the port of a new configuration: part of the check that comes
// before a reload, which another process does.
//
// Free functions; any thread may call them.
#pragma once

#include <string>

namespace turnstile::app {

/// The variable by which a worker tells that process where it listens itself; not one of ours, as
/// an older program refuses those that it does not know.
inline constexpr const char* listening_variable = "LISTENING_OF_TURNSTILE";

/// Why a worker that listens at `now` could not listen at `wanted`; either may be empty: nowhere.
[[nodiscard]] std::string port_fault(const std::string& now, const std::string& wanted);

/// The same where a worker asks for this check; else empty.
[[nodiscard]] std::string port_fault_of_reload(const std::string& wanted);

}  // namespace turnstile::app
