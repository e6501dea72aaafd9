// How far a consumer group is behind, partition by partition: decided from what the brokers told.
//
// Pure functions and values, on the main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka_io/ask/group_reader.hpp"

namespace turnstile::app {

struct lag_row {
  kafka_io::group_partition facts;
  kafka_io::group_member owner;  ///< Its texts are empty where nobody owns the partition.
  /// Offsets from the next record to the end; markers of transactions between records count.
  std::optional<std::int64_t> records;
  std::optional<std::int64_t> waits_ms;  ///< Since the next record was written; 0: there is none.
  std::int64_t since_ms = -1;            ///< When that was; -1: there is none, or it says no time.
  std::string note;
};

struct lag_report {
  std::string group;
  kafka_io::group_state state = kafka_io::group_state::unknown;
  std::size_t members = 0;
  std::vector<lag_row> rows;
  std::int64_t now_ms = 0;
};

/// What no partition may be above.
struct lag_limits {
  std::optional<std::int64_t> records;
  std::optional<std::int64_t> waits_ms;
};

[[nodiscard]] lag_report judge_lag(std::string group, kafka_io::group_picture picture,
                                   std::int64_t now_ms);

/// Neither members nor anything committed.
[[nodiscard]] bool is_unknown_group(const lag_report& report);

/// Of all partitions whose lag is known.
[[nodiscard]] std::int64_t total_records(const lag_report& report);
/// The partition that waits longest, or is furthest behind; null: none has lag.
[[nodiscard]] const lag_row* worst_row(const lag_report& report);
[[nodiscard]] std::size_t unknown_rows(const lag_report& report);

/// `1,234.5`
[[nodiscard]] std::string seconds_text(std::int64_t ms);

/// Why the exit code is 1, a line each partition; empty: no limit is passed, and all is known that
/// the limits are about.
[[nodiscard]] std::vector<std::string> over_limits(const lag_report& report,
                                                   const lag_limits& limits);

}  // namespace turnstile::app
