#include "core/process_stats.hpp"

#include <fstream>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace turnstile::core {

namespace {

std::int64_t microseconds(const timeval& t) {
  return std::int64_t{t.tv_sec} * 1'000'000 + std::int64_t{t.tv_usec};
}

/// The second number of statm: resident pages.
std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(statm >> size >> resident)) return -1;
  return resident * std::int64_t{sysconf(_SC_PAGESIZE)};
}

}  // namespace

process_stats read_process_stats() {
  process_stats stats;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    stats.cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  stats.rss_bytes = resident_bytes();
  return stats;
}

}  // namespace turnstile::core
