#include "figures/registry.hpp"

#include <atomic>
#include <memory>
#include <thread>

#include <doctest/doctest.h>

#include "figures/text_table.hpp"

using namespace turnstile;

namespace {

std::shared_ptr<core::partition_figures> partition(std::int32_t number, std::uint64_t epoch = 1) {
  return std::make_shared<core::partition_figures>(core::partition_epoch{number, epoch});
}

}  // namespace

TEST_CASE("partitions come and go, in the order of their numbers") {
  figures::registry all{1, 1};
  for (const std::int32_t number : {3, 1, 2}) all.open(partition(number));
  all.close({2, 1});
  const auto read = all.partitions({});
  REQUIRE(read.size() == 2);
  CHECK(read[0].instance == "1");
  CHECK(read[1].instance == "3");
}

TEST_CASE("a partition of an earlier assignment does not take the later one away") {
  figures::registry all{1, 1};
  all.open(partition(1, 1));
  all.open(partition(1, 2));
  all.close({1, 1});
  CHECK(all.partitions({}).size() == 1);
  all.close({1, 2});
  CHECK(all.partitions({}).empty());
}

TEST_CASE("what closed partitions counted stays counted, and each assignment has a number") {
  figures::registry all{1, 1};
  const auto first = partition(1, 1);
  all.open(first);
  first->records.add(5);
  first->in_flight.set(3);
  const auto before = all.partitions({}).front().id;
  const auto second = partition(1, 2);
  all.open(second);
  second->records.add(7);
  CHECK(all.partitions({}).front().id != before);
  CHECK(all.closed_partitions().value_of("records") == 5);
  CHECK_FALSE(all.closed_partitions().value_of("in_flight").has_value());
  all.close({1, 2});
  CHECK(all.closed_partitions().value_of("records") == 12);
}

TEST_CASE("merged, a lag is known where all are, and the age is the largest") {
  figures::registry all{1, 1};
  for (std::int32_t number = 0; number < 3; ++number) {
    const auto one = partition(number);
    one->committed.set(10);
    one->end.set(20 + number);
    one->oldest_timestamp_ms.set(1000 * number);
    all.open(one);
  }
  const figures::moment at{.steady_ms = 0, .wall_ms = 5000};
  auto sum = figures::merged(figures::partition_table(), all.partitions(at));
  CHECK(sum.value_of("lag_records") == 33);
  CHECK(sum.value_of("lag_s") == 5000);
  CHECK_FALSE(sum.value_of("committed").has_value());
  all.open(partition(9));
  sum = figures::merged(figures::partition_table(), all.partitions(at));
  CHECK_FALSE(sum.value_of("lag_records").has_value());
  CHECK_FALSE(sum.value_of("lag_s").has_value());
  CHECK(sum.value_of("records") == 0);
}

TEST_CASE("it is read while partitions come and go on another thread") {
  figures::registry all{1, 1};
  std::atomic<bool> stop{false};
  std::thread reader{[&] {
    while (!stop) {
      for (const auto& one : all.partitions({})) CHECK(one.values.size() > 3);
      CHECK(all.signs_of_life().size() >= 7);
    }
  }};
  for (std::uint64_t epoch = 1; epoch < 2000; ++epoch) {
    all.open(partition(static_cast<std::int32_t>(epoch % 7), epoch));
    if (epoch % 3 == 0) all.close({static_cast<std::int32_t>(epoch % 7), epoch});
  }
  stop = true;
  reader.join();
}

TEST_CASE("the table for people has rows for what exists, a dash for unknown, states by name") {
  figures::registry all{1, 1};
  all.error_router->by_reason[static_cast<std::size_t>(core::reason::tombstone)].add(7);
  all.group->membership.set(core::group_membership::joined);
  const auto table = figures::text_table(all);
  CHECK(table.find("tombstone           7\n") != std::string::npos);
  CHECK(table.find("empty_value") == std::string::npos);
  CHECK(table.find("-    -") != std::string::npos);
  CHECK(table.find("joined\n") != std::string::npos);
}
