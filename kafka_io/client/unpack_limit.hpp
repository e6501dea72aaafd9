// A bound on what librdkafka unpacks; librdkafka has none for gzip and lz4.
//
// librdkafka calls zlib, lz4 and zstd in their shared libraries. The functions of the same names in
// unpack_limit.cpp stand before them, in every program that links this file, and refuse what is
// beyond the limits; librdkafka takes that for a damaged batch. It cannot refuse the memory: where
// malloc fails it ends the process. THREAD: any. A librdkafka with codecs of its own inside, as in
// Python's wheels, is not bounded.
#pragma once

#include <cstdint>
#include <limits>

namespace turnstile::kafka_io {

struct unpack_limits {
  std::int64_t batch_bytes = std::numeric_limits<std::int64_t>::max();
  /// Of the process, with what is being unpacked. Looked at for large batches only.
  std::int64_t resident_bytes = std::numeric_limits<std::int64_t>::max();
};

/// What is smaller is unpacked without a look at the process's memory.
inline constexpr std::int64_t unpacked_without_look = std::int64_t{8} * 1024 * 1024;

/// For the whole process, from now on. Without it nothing is bounded.
void limit_unpacking(const unpack_limits& limits);

/// How often something was refused that could be unpacked once there is memory.
[[nodiscard]] std::uint64_t refused_for_memory();

}  // namespace turnstile::kafka_io
