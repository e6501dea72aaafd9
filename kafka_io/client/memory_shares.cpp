#include "kafka_io/client/memory_shares.hpp"

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

// One Fetch, and with it something in the queues.
constexpr std::int64_t fetch_bytes_min = 4 * mib;
constexpr std::int64_t prefetch_bytes_min = fetch_bytes_min + mib;
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

/// One Fetch response is received while the queues are full.
std::int64_t fetch_bytes(std::int64_t prefetch) {
  return std::clamp(prefetch / 8, fetch_bytes_min, 48 * mib);
}

std::int64_t queue_bytes(std::int64_t prefetch, int queues) {
  return (prefetch - fetch_bytes(prefetch)) / std::max(queues, 1);
}

prefetch_shares divide_prefetch(std::int64_t bytes, int input_partitions, bool one_queue) {
  const std::int64_t fetch = fetch_bytes(bytes);
  const std::int64_t queue = queue_bytes(bytes, one_queue ? 1 : input_partitions);
  prefetch_shares shares;
  shares.one_queue = one_queue;
  // Payload, and the same again for the messages' overhead. A queue just below its limits takes
  // one more response, so a quarter each.
  const std::int64_t response = std::min(queue / 4, 8 * mib);
  shares.queued_kbytes_max = static_cast<int>(response / kib);
  shares.queued_messages_min = static_cast<int>(response / queued_message_overhead_bytes);
  shares.fetch_partition_bytes =
      static_cast<int>(std::min(response, one_queue ? shared_response_bytes_max : mib));
  shares.fetch_bytes_max = static_cast<int>(fetch);
  return shares;
}

}  // namespace

memory_shares divide_budget(int budget_mib, int input_partitions, core::guarantee delivery) {
  const std::int64_t divided =
      std::max((budget_mib * mib - base_bytes) / resident_per_byte, divided_bytes_min);
  const std::int64_t part = divided / parts_in_all;
  const bool transactions = delivery == core::guarantee::exactly_once;
  const auto prefetch_of = [part](const parts& of) {
    return std::max(part * of.prefetch, prefetch_bytes_min);
  };
  const parts& apart = transactions ? parts_exactly_once : parts_at_least_once;
  const bool one_queue = queue_bytes(prefetch_of(apart), input_partitions) < own_queue_bytes_min;
  const parts& of = one_queue ? parts_one_queue : apart;
  const std::int64_t prefetch = prefetch_of(of);
  const std::int64_t credit = part * (of.prefetch + of.credit) - prefetch;
  memory_shares shares;
  shares.prefetch = divide_prefetch(prefetch, input_partitions, one_queue);
  shares.credit_records = transactions ? credit_records_in_transactions
                                       : std::clamp(input_partitions * credit_records_each,
                                                    credit_records, credit_records_of_many);
  // Who is stuck may hold a part of a shared credit beside it.
  constexpr int aside = shared_credit_aside_part;
  shares.credit_bytes = one_queue ? credit * aside / (aside + 1) : credit;
  shares.producer_bytes = part * of.producers;
  return shares;
}

}  // namespace turnstile::kafka_io
