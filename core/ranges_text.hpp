// Partitions as text for a log line: `0-5,7,9-12`.
//
// A pure function; any thread may call it. GUARANTEES: bounded, however many there are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace turnstile::core {

inline constexpr std::size_t ranges_in_text_max = 32;

/// Behind the last range that has room, `,+N` stands for N further partitions.
[[nodiscard]] inline std::string ranges_text(std::vector<std::int32_t> partitions) {
  std::ranges::sort(partitions);
  std::string text;
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < partitions.size();) {
    if (ranges++ == ranges_in_text_max) return text + ",+" + std::to_string(partitions.size() - i);
    std::size_t last = i;
    while (last + 1 < partitions.size() && partitions[last + 1] == partitions[last] + 1) ++last;
    if (i > 0) text += ',';
    text += std::to_string(partitions[i]);
    if (last > i) text += "-" + std::to_string(partitions[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace turnstile::core
