// Reads given ranges of partitions as fast as the brokers give them: for the audit.
//
// Owned and used by one thread, which blocks in `read`. No group; nothing is committed. At most
// `partitions_at_once` partitions are read side by side, so that prefetch stays below
// `prefetch_bytes_max` however many there are. GUARANTEES: each record of a range is handed out
// once, those of one partition in their order; a batch that cannot be read is told, and read past.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "core/settings.hpp"
#include "kafka_io/ask/admin.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

enum class isolation : std::uint8_t { read_committed, read_uncommitted };

struct read_range {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t from = 0;
  std::int64_t to = 0;  ///< One beyond the last offset.
};

class range_reader {
public:
  using duration = std::chrono::milliseconds;

  static constexpr std::size_t partitions_at_once = 16;
  /// Of payloads; librdkafka needs about as much again for its bookkeeping.
  static constexpr std::int64_t prefetch_bytes_max = std::int64_t{192} * 1024 * 1024;

  /// Does not connect yet.
  [[nodiscard]] static result<range_reader> open(const core::settings& settings, isolation level);

  /// Asks through the same client: with read_committed, a partition ends at its last stable offset.
  [[nodiscard]] admin brokers() const { return admin{client_}; }

  struct handlers {
    /// `range` is its index. What it is given is good until it returns.
    std::function<void(std::size_t range, const core::record_view& record)> record;
    /// These offsets of the range, from the first up to the second, lie in a batch that cannot be
    /// read.
    std::function<void(std::size_t range, std::int64_t first, std::int64_t next)> unreadable;
    /// Called a few times a second and after each few thousand records; true: read no more.
    std::function<bool()> stopped;
  };

  /// Gives for each range how far it was read: below `to` where nothing came for as long as
  /// `stalled`, or `stopped` said so. REQUIRES: no partition twice.
  [[nodiscard]] result<std::vector<std::int64_t>> read(const std::vector<read_range>& ranges,
                                                       const handlers& to, duration stalled);

private:
  explicit range_reader(shared_client client) : client_(std::move(client)) {}
  shared_client client_;
};

}  // namespace turnstile::kafka_io
