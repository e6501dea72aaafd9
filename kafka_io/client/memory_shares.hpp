// How `memory.budget_mib` is divided: what may be prefetched, in flight, and queued for sending.
//
// Pure arithmetic; every thread may call it. GUARANTEES: the shares of all partitions together stay
// below the budget as long as the floor of a budget of 96 MiB does not bind.
#pragma once

#include <cstdint>

#include "core/settings.hpp"

namespace turnstile::kafka_io {

/// What librdkafka spends on a queued message besides its payload, and counts nowhere.
inline constexpr std::int64_t queued_message_overhead_bytes = 250;

/// By which a Fetch response may exceed `fetch.max.bytes`: that counts records only, not the
/// headers of thousands of partitions and their aborted transactions.
inline constexpr std::int64_t response_overhead_bytes = 1024 * 1024;

/// Stuck partitions may hold this part of a shared credit, one in so many, before others wait.
inline constexpr int shared_credit_aside_part = 4;

/// For consumer_config: limits of one queue and of one Fetch.
struct prefetch_shares {
  bool one_queue = false;         ///< Of all partitions together, not one of each.
  int queued_kbytes_max = 0;      ///< `queued.max.messages.kbytes`
  int queued_messages_min = 0;    ///< `queued.min.messages`: above it nothing more is fetched.
  int fetch_partition_bytes = 0;  ///< `fetch.message.max.bytes`
  int fetch_bytes_max = 0;        ///< `fetch.max.bytes`
};

struct memory_shares {
  prefetch_shares prefetch;
  std::int64_t credit_records = 0;  ///< Read and not yet finished, all partitions together.
  std::int64_t credit_bytes = 0;    ///< The same in bytes.
  std::int64_t producer_bytes = 0;  ///< Queued for sending, all producers together.
};

/// With exactly-once more is for what is in flight, as a record is until its commit. REQUIRES:
/// `input_partitions` is what one worker may be assigned at most; the limits are fixed when the
/// consumer is made.
[[nodiscard]] memory_shares divide_budget(int budget_mib, int input_partitions,
                                          core::guarantee delivery);

}  // namespace turnstile::kafka_io
