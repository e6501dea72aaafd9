// Loading a later item's memory while an earlier one is worked on.
//
// A batch leaves the caches between two actors, so walking over what its records point to waits for
// memory at each. Any thread; a hint only, nothing is read.
#pragma once

#include <cstddef>

namespace turnstile::core {

/// Items ahead, of records that take some 50 ns each.
inline constexpr std::size_t cpu_prefetch_distance = 8;

inline void cpu_prefetch(const void* at) { __builtin_prefetch(at); }

}  // namespace turnstile::core
