#include "kafka_io/worker/credit_pool.hpp"

#include <doctest/doctest.h>

namespace turnstile::kafka_io {
namespace {

using core::partition_epoch;

constexpr partition_epoch first{0, 1};
constexpr partition_epoch second{1, 2};
constexpr partition_epoch third{2, 3};
constexpr auto stuck_after = credit_pool::stuck_after;
constexpr std::chrono::milliseconds moment{1};

struct pool_fixture {
  credit_pool pool{{.records = 1000, .bytes = 100'000}};
  credit_pool::time_point now{};

  /// Each of `bytes` bytes.
  void take(partition_epoch by, std::size_t records, std::size_t bytes = 10) {
    pool.take(by, {records, records * bytes}, now);
  }
  void give_back(partition_epoch by, std::size_t records, std::size_t bytes = 10) {
    pool.give_back(by, {records, records * bytes}, now);
  }
  void get_stuck(partition_epoch by, std::size_t records) {
    take(by, records);
    now += stuck_after;
    REQUIRE(pool.set_stuck_aside(now) == std::vector{by});
  }
};

TEST_CASE_FIXTURE(pool_fixture, "partitions together hold as many records as the pool has") {
  CHECK(pool.room(500) == 500);
  take(first, 500);
  CHECK(pool.room(500) == 500);
  take(second, 300);
  CHECK(pool.room(500) == 200);
  take(second, 200);
  CHECK(pool.room(500) == 0);
  give_back(first, 300);
  CHECK(pool.room(500) == 300);
}

TEST_CASE_FIXTURE(pool_fixture, "less than a quarter of what is wanted is no room") {
  take(first, 876);
  CHECK(pool.room(500) == 0);
  give_back(first, 1);
  CHECK(pool.room(500) == 125);
}

TEST_CASE_FIXTURE(pool_fixture, "bytes bound what is held as records do, by the last ones' size") {
  take(first, 100, 500);
  CHECK(pool.room(400) == 100);
  take(first, 100, 500);
  CHECK(pool.room(400) == 0);
  give_back(first, 200, 500);
  CHECK(pool.room(400) == 200);
}

TEST_CASE_FIXTURE(pool_fixture, "what is spent on records counts until it is given back") {
  take(first, 10);
  pool.spend(first, 99'800);
  CHECK(pool.room(500) == 0);
  pool.give_back(first, {10, 10 * 10 + 99'800}, now);
  CHECK(pool.room(500) == 500);
  pool.spend(first, 99'800);  // It holds nothing.
  CHECK(pool.room(500) == 500);
}

TEST_CASE_FIXTURE(pool_fixture, "what is spent on records that are set aside is aside too") {
  get_stuck(first, 10);
  pool.spend(first, 40'000);
  take(second, 1);
  CHECK(pool.room(500) == 500);
  give_back(second, 1);
  pool.give_back(first, {10, 10 * 10 + 40'000}, now);
  CHECK(pool.take_recovered() == std::vector{first});
  CHECK(pool.room(1000) == 1000);
}

TEST_CASE_FIXTURE(pool_fixture,
                  "there is room for one record, however large, while nothing is held") {
  take(first, 1, 1'000'000);
  CHECK(pool.room(500) == 0);
  give_back(first, 1, 1'000'000);
  CHECK(pool.room(500) == 1);
}

TEST_CASE_FIXTURE(pool_fixture, "where only a few large records fit, a quarter of them is room") {
  take(first, 7, 10'000);
  CHECK(pool.room(500) == 3);
  take(first, 1, 10'000);
  CHECK(pool.room(500) == 2);
  take(first, 2, 10'000);
  CHECK(pool.room(500) == 0);
}

TEST_CASE_FIXTURE(pool_fixture, "whoever gave nothing back for the time is set aside, for others") {
  take(first, 600);
  now += stuck_after - moment;
  take(second, 400);
  CHECK(pool.set_stuck_aside(now).empty());
  CHECK(pool.room(500) == 0);
  now += moment;
  CHECK(pool.set_stuck_aside(now) == std::vector{first});
  CHECK(pool.room(1000) == 250);
  CHECK(pool.set_stuck_aside(now).empty());
}

TEST_CASE_FIXTURE(pool_fixture, "whoever gives something back is not stuck") {
  take(first, 600);
  now += stuck_after - moment;
  give_back(first, 1);
  now += moment;
  CHECK(pool.set_stuck_aside(now).empty());
  now += stuck_after;
  CHECK(pool.set_stuck_aside(now) == std::vector{first});
}

TEST_CASE_FIXTURE(pool_fixture, "where all take long, whoever takes as long is not stuck") {
  for (int n = 0; n < 100; ++n) {
    take(second, 10);
    now += std::chrono::milliseconds{400};
    give_back(second, 10);
  }
  take(first, 10);
  now += std::chrono::milliseconds{1100};
  CHECK(pool.set_stuck_aside(now).empty());
  now += std::chrono::milliseconds{100};
  CHECK(pool.set_stuck_aside(now) == std::vector{first});
}

TEST_CASE_FIXTURE(pool_fixture, "whoever gives nothing back for the longest time is stuck") {
  take(second, 10);
  now += std::chrono::minutes{1};
  give_back(second, 10);
  take(first, 10);
  now += credit_pool::stuck_after_max - moment;
  CHECK(pool.set_stuck_aside(now).empty());
  now += moment;
  CHECK(pool.set_stuck_aside(now) == std::vector{first});
}

TEST_CASE_FIXTURE(pool_fixture, "how long a stuck partition takes is not what others may take") {
  get_stuck(first, 10);
  now += std::chrono::minutes{1};
  give_back(first, 10);
  take(second, 10);
  now += stuck_after;
  CHECK(pool.set_stuck_aside(now) == std::vector{second});
}

TEST_CASE_FIXTURE(pool_fixture, "a partition that held nothing for long is not stuck at once") {
  take(first, 10);
  give_back(first, 10);
  now += 2 * stuck_after;
  take(first, 10);
  CHECK(pool.set_stuck_aside(now).empty());
}

TEST_CASE_FIXTURE(pool_fixture, "no more than 1.25 times the pool is held, whoever is stuck") {
  get_stuck(first, 1000);
  CHECK(pool.room(1000) == 250);
  get_stuck(second, 250);
  CHECK(pool.room(1000) == 0);
  give_back(first, 400);
  CHECK(pool.room(1000) == 400);
}

TEST_CASE_FIXTURE(pool_fixture, "nor 1.25 times its bytes, however many partitions are stuck") {
  std::size_t held = 0;
  for (std::int32_t partition = 0; partition < 1000; ++partition) {
    const std::size_t records = pool.room(20);
    if (records == 0) break;
    take({partition, 1}, records, 1000);
    held += records * 1000;
    now += stuck_after;
    static_cast<void>(pool.set_stuck_aside(now));
  }
  CHECK(pool.room(20) == 0);
  CHECK(held == 125'000);
}

TEST_CASE_FIXTURE(pool_fixture,
                  "beside stuck partitions a record larger than what is left passes") {
  take(first, 7, 10'000);
  now += stuck_after;
  REQUIRE(pool.set_stuck_aside(now) == std::vector{first});
  take(second, 1, 90'000);
  CHECK(pool.room(500) == 0);
  give_back(second, 1, 90'000);
  CHECK(pool.room(500) == 1);
}

TEST_CASE_FIXTURE(pool_fixture, "whoever was set aside has recovered once it holds nothing") {
  get_stuck(first, 600);
  give_back(first, 599);
  CHECK(pool.take_recovered().empty());
  give_back(first, 1);
  CHECK(pool.take_recovered() == std::vector{first});
  CHECK(pool.take_recovered().empty());
  take(first, 1000);
  CHECK(pool.room(500) == 0);
}

TEST_CASE_FIXTURE(pool_fixture, "what a partition takes while it is set aside is aside too") {
  get_stuck(first, 600);
  take(first, 100);
  give_back(first, 700);
  take(third, 600);
  CHECK(pool.room(400) == 400);
}

TEST_CASE_FIXTURE(pool_fixture, "whoever is forgotten holds nothing, aside or not") {
  get_stuck(first, 600);
  take(second, 1000);
  pool.forget(first);
  pool.forget(second);
  pool.forget(third);
  CHECK(pool.room(1000) == 1000);
  give_back(first, 600);  // Late.
  CHECK(pool.room(1000) == 1000);
  CHECK(pool.take_recovered().empty());
}

}  // namespace
}  // namespace turnstile::kafka_io
