#include "core/layout.hpp"

#include <algorithm>
#include <functional>

namespace turnstile::core {

bool has_shrunk(const topic_layout& layout, const topic_layout& before) {
  return !std::ranges::equal(layout.partitions, before.partitions, std::ranges::greater_equal{});
}

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t m = 0x5bd1e995;
  constexpr int r = 24;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  auto left = static_cast<std::uint32_t>(bytes.size());
  std::uint32_t h = 0x9747b28cU ^ left;
  for (; left >= 4; left -= 4, data += 4) {
    std::uint32_t k =
        static_cast<std::uint32_t>(data[0]) | static_cast<std::uint32_t>(data[1]) << 8 |
        static_cast<std::uint32_t>(data[2]) << 16 | static_cast<std::uint32_t>(data[3]) << 24;
    k *= m;
    k ^= k >> r;
    k *= m;
    h *= m;
    h ^= k;
  }
  if (left >= 3) h ^= static_cast<std::uint32_t>(data[2]) << 16;
  if (left >= 2) h ^= static_cast<std::uint32_t>(data[1]) << 8;
  if (left >= 1) {
    h ^= data[0];
    h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

std::int32_t output_partition(const topic_layout& layout, output_topic topic,
                              std::optional<std::int32_t> source_partition,
                              const maybe_bytes& key) {
  const std::int32_t count = layout.count(topic);
  if (layout.partitioner == partitioner::source && source_partition &&
      count >= layout.input_partitions && *source_partition < count)
    return *source_partition;
  if (key)
    return static_cast<std::int32_t>((murmur2(*key) & 0x7fffffffU) %
                                     static_cast<std::uint32_t>(count));
  return source_partition.value_or(0) % count;
}

}  // namespace turnstile::core
