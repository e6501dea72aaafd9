#include "core/process_stats.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace turnstile::core {

namespace {

std::int64_t microseconds(const timeval& t) {
  return std::int64_t{t.tv_sec} * 1'000'000 + std::int64_t{t.tv_usec};
}

/// Pages: all, and those that are resident.
void read_memory(process_stats& stats) {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(statm >> size >> resident)) return;
  stats.virtual_bytes = size * std::int64_t{sysconf(_SC_PAGESIZE)};
  stats.rss_bytes = resident * std::int64_t{sysconf(_SC_PAGESIZE)};
}

void read_files(process_stats& stats) {
  std::error_code unknown;
  const std::filesystem::directory_iterator open{"/proc/self/fd", unknown};
  if (!unknown) stats.open_files = std::distance(begin(open), end(open)) - 1;  // Its own.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    stats.most_files = static_cast<std::int64_t>(limit.rlim_cur);
}

/// Of /proc/stat the line `btime`: when the machine started; of our own stat the 22nd field: how
/// long after that we did. -1: unknown.
std::int64_t process_start_ms() {
  std::ifstream all("/proc/stat");
  std::string word;
  std::int64_t boot_s = -1;
  while (boot_s < 0 && all >> word)
    if (word == "btime") all >> boot_s;
  std::ifstream own("/proc/self/stat");
  // The program's name, the second field, may hold blanks.
  own.ignore(std::numeric_limits<std::streamsize>::max(), ')');
  std::int64_t ticks = -1;
  for (int field = 3; field < 22; ++field) own >> word;
  if (!(own >> ticks) || boot_s < 0) return -1;
  return boot_s * 1000 + ticks * 1000 / sysconf(_SC_CLK_TCK);
}

}  // namespace

process_stats read_process_stats() {
  static const std::int64_t started_ms = process_start_ms();
  process_stats stats;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    stats.cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  read_memory(stats);
  read_files(stats);
  stats.started_ms = started_ms;
  return stats;
}

}  // namespace turnstile::core
