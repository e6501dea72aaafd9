// Places where a test may let the process die.
//
// Compiled in with the Meson option `crash_points` only, and then armed by the environment variable
// TURNSTILE_TEST_CRASH_AT=name[:nth]: the process kills itself when it comes there for the nth time
// (default 1). THREAD: any. Otherwise a call is nothing at all.
#pragma once

#include <string_view>

namespace turnstile::core {

#ifdef TURNSTILE_CRASH_POINTS
void crash_point(std::string_view name);
#else
inline void crash_point(std::string_view) {}
#endif

}  // namespace turnstile::core
