#include "kafka_io/memory_shares.hpp"

#include <algorithm>

namespace turnstile::kafka_io {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

// Code, stacks, metadata: there before the first record.
constexpr std::int64_t base_bytes = 64 * mib;
// What a byte that we count costs in all: the allocator holds on to as much again, of sizes that
// are not wanted at the moment. Measured as the resident size of backlogs of all kinds of events.
constexpr std::int64_t resident_per_byte = 2;
// Below this the rest is divided as if it were there: less makes no progress.
constexpr std::int64_t divided_bytes_min = 16 * mib;

// Below this share a partition has one response at a time: while it is read, others have data.
constexpr std::int64_t pipelined_bytes_min = 192 * kib;
// What one Fetch may bring of it then, at least. Producers write batches of 16 KiB and more, and of
// those that do not fit a response holds only one.
constexpr std::int64_t response_bytes_min = 64 * kib;
// Of the last response when the next is asked for. Not none: a partition with a paced load would
// miss every other Fetch.
constexpr int messages_left = 64;

/// Of `parts_in_all`; what is left is a reserve.
struct parts {
  std::int64_t prefetch;  ///< And what is being fetched.
  std::int64_t credit;
  std::int64_t producers;
};
constexpr std::int64_t parts_in_all = 96;
constexpr parts parts_at_least_once{28, 44, 20};
constexpr parts parts_exactly_once{16, 68, 8};

prefetch_shares divide_prefetch(std::int64_t bytes, int input_partitions) {
  // One Fetch response is received while the queues are full.
  const std::int64_t fetch = std::clamp(bytes / 8, 4 * mib, 48 * mib);
  const std::int64_t partitions = std::max(input_partitions, 1);
  // Payload, and the same again for the messages' overhead. A queue just below its limits takes
  // one more response, so a quarter each where it may be filled meanwhile.
  const std::int64_t each = (bytes - fetch) / partitions;
  const bool pipelined = each >= pipelined_bytes_min;
  const std::int64_t response =
      pipelined ? std::min(each / 4, 8 * mib) : std::max(each / 2, response_bytes_min);

  prefetch_shares shares;
  shares.queued_kbytes_max = static_cast<int>(response / kib);
  shares.queued_messages_min =
      pipelined ? static_cast<int>(response / queued_message_overhead_bytes) : messages_left;
  shares.fetch_partition_bytes = static_cast<int>(std::min(response, mib));
  shares.fetch_bytes_max = static_cast<int>(fetch);
  shares.receive_bytes_max = static_cast<int>(fetch + response_overhead_bytes);
  return shares;
}

}  // namespace

memory_shares divide_budget(int budget_mib, int input_partitions, core::guarantee delivery) {
  const std::int64_t divided =
      std::max((budget_mib * mib - base_bytes) / resident_per_byte, divided_bytes_min);
  const std::int64_t part = divided / parts_in_all;
  const parts& of =
      delivery == core::guarantee::exactly_once ? parts_exactly_once : parts_at_least_once;
  memory_shares shares;
  shares.prefetch = divide_prefetch(part * of.prefetch, input_partitions);
  shares.credit_bytes = part * of.credit;
  shares.producer_bytes = part * of.producers;
  return shares;
}

}  // namespace turnstile::kafka_io
