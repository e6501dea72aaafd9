#include "kafka_io/memory_shares.hpp"

#include <cstdint>
#include <initializer_list>

#include <doctest/doctest.h>

namespace turnstile::kafka_io {
namespace {

using core::guarantee;

constexpr std::int64_t mib = 1024 * 1024;

// What all partition queues hold just below their limits, with one more response on its way.
std::int64_t prefetched_bytes_max(const prefetch_shares& shares, int partitions) {
  const std::int64_t queue = std::int64_t{shares.queued_kbytes_max} * 1024 +
                             shares.queued_messages_min * queued_message_overhead_bytes;
  return partitions * queue + shares.fetch_bytes_max;
}

TEST_CASE("the shares of the default budget and 24 partitions add up to less than the budget") {
  for (const auto delivery : {guarantee::at_least_once, guarantee::exactly_once}) {
    CAPTURE(delivery);
    const auto shares = divide_budget(256, 24, delivery);
    const auto counted =
        prefetched_bytes_max(shares.prefetch, 24) + shares.credit_bytes + shares.producer_bytes;
    CHECK(64 * mib + 2 * counted <= 248 * mib);
  }
}

TEST_CASE("with exactly-once more may be in flight and less is prefetched and queued") {
  const auto plain = divide_budget(256, 24, guarantee::at_least_once);
  CHECK(plain.credit_bytes == 44 * mib);
  CHECK(plain.producer_bytes == 20 * mib);
  const auto in_transactions = divide_budget(256, 24, guarantee::exactly_once);
  CHECK(in_transactions.credit_bytes == 68 * mib);
  CHECK(in_transactions.producer_bytes == 8 * mib);
  CHECK(prefetched_bytes_max(in_transactions.prefetch, 24) <= 16 * mib);
}

TEST_CASE("prefetch stays within its share for any number of partitions that the floor allows") {
  for (const int partitions : {1, 2, 4, 8, 24, 120}) {
    CAPTURE(partitions);
    const auto shares = divide_budget(256, partitions, guarantee::at_least_once);
    CHECK(prefetched_bytes_max(shares.prefetch, partitions) <= 28 * mib);
  }
}

TEST_CASE("many partitions leave each enough for the batches that producers write") {
  const auto shares = divide_budget(256, 10000, guarantee::at_least_once);
  CHECK(shares.prefetch.fetch_partition_bytes == 64 * 1024);
  CHECK(shares.prefetch.queued_kbytes_max == 64);
}

TEST_CASE("where a partition's share is small its next response waits until the last is read") {
  const auto at = [](int partitions) {
    return divide_budget(256, partitions, guarantee::at_least_once).prefetch;
  };
  // 28 MiB of them, 4 for a response: 192 KiB each for 128 partitions.
  CHECK(at(128).queued_messages_min == 48 * 1024 / queued_message_overhead_bytes);
  CHECK(at(128).fetch_partition_bytes == 48 * 1024);
  CHECK(at(129).queued_messages_min == 64);
  CHECK(at(129).fetch_partition_bytes > 94 * 1024);
}

TEST_CASE("a response has room for a whole fetch and its framing") {
  for (const int budget : {1, 96, 256, 4096}) {
    CAPTURE(budget);
    const auto shares = divide_budget(budget, 24, guarantee::at_least_once);
    CHECK(shares.prefetch.receive_bytes_max >=
          shares.prefetch.fetch_bytes_max + response_overhead_bytes);
    CHECK(shares.prefetch.fetch_bytes_max >= shares.prefetch.fetch_partition_bytes);
  }
}

TEST_CASE("no partition at all is divided like one") {
  CHECK(divide_budget(256, 0, guarantee::at_least_once).prefetch.queued_kbytes_max ==
        divide_budget(256, 1, guarantee::at_least_once).prefetch.queued_kbytes_max);
}

TEST_CASE("a budget below the base still gives every share something") {
  const auto shares = divide_budget(0, 24, guarantee::at_least_once);
  CHECK(shares.credit_bytes > mib);
  CHECK(shares.producer_bytes > mib);
  CHECK(shares.prefetch.queued_kbytes_max > 0);
}

}  // namespace
}  // namespace turnstile::kafka_io
