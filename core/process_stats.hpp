// What the kernel counts about this process.
//
// Plain values; `read_process_stats` may be called on any thread and takes microseconds.
#pragma once

#include <cstdint>

namespace turnstile::core {

struct process_stats {
  std::int64_t cpu_us = 0;      ///< User and system time of all threads, since the start.
  std::int64_t rss_bytes = -1;  ///< Resident memory; -1: unknown.
};

[[nodiscard]] process_stats read_process_stats();

}  // namespace turnstile::core
