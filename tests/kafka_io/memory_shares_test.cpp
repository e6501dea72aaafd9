#include "kafka_io/client/memory_shares.hpp"

#include <cstdint>
#include <initializer_list>

#include <doctest/doctest.h>

namespace turnstile::kafka_io {
namespace {

using core::guarantee;

constexpr std::int64_t mib = 1024 * 1024;

// What all queues hold just below their limits, with one more response on its way.
std::int64_t prefetched_bytes_max(const prefetch_shares& shares, int partitions) {
  const std::int64_t queue = std::int64_t{shares.queued_kbytes_max} * 1024 +
                             shares.queued_messages_min * queued_message_overhead_bytes;
  return (shares.one_queue ? 1 : partitions) * queue + shares.fetch_bytes_max;
}

// With what stuck partitions may hold of a shared one.
std::int64_t credit_bytes_max(const memory_shares& shares) {
  constexpr int aside = shared_credit_aside_part;
  return shares.credit_bytes + (shares.prefetch.one_queue ? shares.credit_bytes / aside : 0);
}

TEST_CASE("the shares add up to no more than the budget, however small, for any partitions") {
  for (const auto delivery : {guarantee::at_least_once, guarantee::exactly_once})
    for (const int budget : {96, 100, 128, 256, 4096})
      for (const int partitions : {1, 24, 64, 65, 1000}) {
        CAPTURE(delivery);
        CAPTURE(budget);
        CAPTURE(partitions);
        const auto shares = divide_budget(budget, partitions, delivery);
        const auto counted = prefetched_bytes_max(shares.prefetch, partitions) +
                             credit_bytes_max(shares) + shares.producer_bytes;
        CHECK(64 * mib + 2 * counted <= budget * mib);
        if (budget >= 256) CHECK(64 * mib + 2 * counted <= (budget - 8) * mib);
      }
}

TEST_CASE("with exactly-once more may be in flight and less is prefetched") {
  const auto plain = divide_budget(256, 24, guarantee::at_least_once);
  CHECK(plain.credit_records == 32'768);
  CHECK(plain.credit_bytes == 44 * mib);
  CHECK(plain.producer_bytes == 20 * mib);
  const auto in_transactions = divide_budget(256, 24, guarantee::exactly_once);
  CHECK(in_transactions.credit_records == 98'304);
  CHECK(in_transactions.credit_bytes == 54 * mib);
  CHECK(in_transactions.producer_bytes == 20 * mib);
  CHECK(prefetched_bytes_max(in_transactions.prefetch, 24) <= 18 * mib);
}

TEST_CASE("prefetch stays within its share for any number of partitions") {
  for (const int partitions : {1, 2, 4, 8, 24, 64, 65, 1000, 10'000}) {
    CAPTURE(partitions);
    const auto shares = divide_budget(256, partitions, guarantee::at_least_once);
    CHECK(prefetched_bytes_max(shares.prefetch, partitions) <= (partitions > 64 ? 14 : 28) * mib);
  }
}

TEST_CASE("where partitions share a queue, more of the budget is for what is in flight") {
  const auto credit_at = [](int partitions, guarantee delivery) {
    return divide_budget(256, partitions, delivery).credit_bytes;
  };
  CHECK(credit_at(64, guarantee::at_least_once) == 44 * mib);
  CHECK(credit_at(65, guarantee::at_least_once) == 62 * mib * 4 / 5);
  CHECK(credit_at(37, guarantee::exactly_once) == 54 * mib);
  CHECK(credit_at(38, guarantee::exactly_once) == 62 * mib * 4 / 5);
}

TEST_CASE("with at-least-once more than 512 partitions may have more records in flight") {
  const auto credit_at = [](int partitions) {
    return divide_budget(256, partitions, guarantee::at_least_once).credit_records;
  };
  CHECK(credit_at(512) == 32'768);
  CHECK(credit_at(513) == 32'832);
  CHECK(credit_at(1024) == 65'536);
  CHECK(credit_at(10'000) == 65'536);
  CHECK(divide_budget(256, 1024, guarantee::exactly_once).credit_records == 98'304);
}

TEST_CASE("where each partition's share is small, all have one queue with the whole share") {
  const auto at = [](int partitions) {
    return divide_budget(256, partitions, guarantee::at_least_once).prefetch;
  };
  // 28 MiB of them, 4 for a response: 384 KiB each for 64 partitions.
  CHECK_FALSE(at(64).one_queue);
  CHECK(at(64).fetch_partition_bytes == 96 * 1024);
  CHECK(at(65).one_queue);
  CHECK(at(65).queued_kbytes_max == 2560);
  CHECK(at(65).fetch_partition_bytes == 256 * 1024);
  CHECK(at(10'000).queued_messages_min == at(65).queued_messages_min);
}

TEST_CASE("a Fetch has room for what it may bring of a partition") {
  for (const int budget : {1, 96, 256, 4096}) {
    CAPTURE(budget);
    const auto shares = divide_budget(budget, 24, guarantee::at_least_once);
    CHECK(shares.prefetch.fetch_bytes_max >= shares.prefetch.fetch_partition_bytes);
  }
}

TEST_CASE("no partition at all is divided like one") {
  CHECK(divide_budget(256, 0, guarantee::at_least_once).prefetch.queued_kbytes_max ==
        divide_budget(256, 1, guarantee::at_least_once).prefetch.queued_kbytes_max);
}

TEST_CASE("a budget below the base still gives every share something") {
  for (const auto delivery : {guarantee::at_least_once, guarantee::exactly_once}) {
    CAPTURE(delivery);
    const auto shares = divide_budget(0, 24, delivery);
    CHECK(shares.credit_bytes > mib);
    CHECK(shares.producer_bytes > mib);
    CHECK(shares.prefetch.queued_kbytes_max == 256);
    CHECK(shares.prefetch.queued_messages_min > 1000);
    CHECK(shares.prefetch.fetch_partition_bytes == 256 * 1024);
  }
}

}  // namespace
}  // namespace turnstile::kafka_io
