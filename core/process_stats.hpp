// What the kernel counts about this process.
//
// Plain values; `read_process_stats` may be called on any thread and takes some ten microseconds.
#pragma once

#include <cstdint>

namespace turnstile::core {

struct process_stats {
  std::int64_t cpu_us = 0;      ///< User and system time of all threads, since the start.
  std::int64_t rss_bytes = -1;  ///< Resident memory; -1: unknown, as below.
  std::int64_t virtual_bytes = -1;
  std::int64_t open_files = -1;
  std::int64_t most_files = -1;
  std::int64_t started_ms = -1;  ///< Since the epoch.
};

[[nodiscard]] process_stats read_process_stats();

}  // namespace turnstile::core
