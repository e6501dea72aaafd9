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

// For the queues in all, whatever is left of it.
constexpr std::int64_t queued_bytes_min = mib;
// Where a queue of its own would leave a partition less than this, all share one.
constexpr std::int64_t own_queue_bytes_min = 384 * kib;
// And one Fetch brings no more of each: a response holds several.
constexpr std::int64_t shared_response_bytes_max = 256 * kib;

// Records in flight: with the rate times the commit interval, what a kill makes others repeat. By
// Little's law enough for half a million records a second at 60 ms.
constexpr std::int64_t credit_records = 32768;
// With so many partitions that this becomes more, twice as many records cost a tenth less each.
constexpr std::int64_t credit_records_each = 64;
constexpr std::int64_t credit_records_of_many = 2 * credit_records;
// With transactions a kill repeats nothing, but a record stays in flight until its commit.
constexpr std::int64_t credit_records_in_transactions = 3 * credit_records;

/// Of `parts_in_all`; what is left is a reserve.
struct parts {
  std::int64_t prefetch;  ///< And what is being fetched.
  std::int64_t credit;
  std::int64_t producers;
};
constexpr std::int64_t parts_in_all = 96;
constexpr parts parts_at_least_once{28, 44, 20};
// The producers' share is no smaller: while one commits, the other has all to send.
constexpr parts parts_exactly_once{18, 54, 20};
// In one queue there is less that waits for its turn.
constexpr parts parts_one_queue{14, 62, 20};

prefetch_shares divide_prefetch(std::int64_t bytes, int input_partitions) {
  // One Fetch response is received while the queues are full.
  const std::int64_t fetch = std::clamp(bytes / 8, 4 * mib, 48 * mib);
  const std::int64_t queued = std::max(bytes - fetch, queued_bytes_min);
  const std::int64_t each = queued / std::max(input_partitions, 1);
  prefetch_shares shares;
  shares.one_queue = each < own_queue_bytes_min;
  // Payload, and the same again for the messages' overhead. A queue just below its limits takes
  // one more response, so a quarter each.
  const std::int64_t response = std::min((shares.one_queue ? queued : each) / 4, 8 * mib);
  shares.queued_kbytes_max = static_cast<int>(response / kib);
  shares.queued_messages_min = static_cast<int>(response / queued_message_overhead_bytes);
  shares.fetch_partition_bytes =
      static_cast<int>(std::min(response, shares.one_queue ? shared_response_bytes_max : mib));
  shares.fetch_bytes_max = static_cast<int>(fetch);
  shares.receive_bytes_max = static_cast<int>(fetch + response_overhead_bytes);
  return shares;
}

}  // namespace

memory_shares divide_budget(int budget_mib, int input_partitions, core::guarantee delivery) {
  const std::int64_t divided =
      std::max((budget_mib * mib - base_bytes) / resident_per_byte, divided_bytes_min);
  const std::int64_t part = divided / parts_in_all;
  const bool transactions = delivery == core::guarantee::exactly_once;
  const parts& of = transactions ? parts_exactly_once : parts_at_least_once;
  memory_shares shares;
  shares.prefetch = divide_prefetch(part * of.prefetch, input_partitions);
  shares.credit_records = transactions ? credit_records_in_transactions
                                       : std::clamp(input_partitions * credit_records_each,
                                                    credit_records, credit_records_of_many);
  shares.credit_bytes = part * of.credit;
  shares.producer_bytes = part * of.producers;
  if (!shares.prefetch.one_queue) return shares;
  shares.prefetch = divide_prefetch(part * parts_one_queue.prefetch, input_partitions);
  // A quarter more may be held by who is stuck (credit_pool).
  shares.credit_bytes = part * parts_one_queue.credit * 4 / 5;
  shares.producer_bytes = part * parts_one_queue.producers;
  return shares;
}

}  // namespace turnstile::kafka_io
