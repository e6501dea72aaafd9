#include "partition_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;

namespace {

struct fixture : partition_fixture {
  /// The broker has no more below `end` than what was pushed.
  void reach(std::int64_t end) {
    source->end = end;
    source->wake();
    run();
  }
  std::optional<std::int64_t> lag(std::int64_t end) {
    figures->end.set(end);
    return figures->lag(0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "behind the last record finished the offsets without records are too") {
  start();
  source->push(5);
  run();
  finish(0);
  CHECK(reported() == 5);
  reach(7);
  CHECK(reported() == 7);
  CHECK_FALSE(group.got<offset_advanced>().back().by_records);
  figures->committed.set(5);
  CHECK(lag(7) == 0);
}

TEST_CASE_FIXTURE(fixture, "the end is reached only when what was read before it is finished") {
  start();
  source->push(5);
  run();
  reach(7);
  CHECK(reported() == -1);
  CHECK(lag(7) == 7);
  finish(0);
  CHECK(reported() == 7);
  CHECK(group.count<offset_advanced>() == 2);
}

TEST_CASE_FIXTURE(fixture, "an end is none any more when records came behind it") {
  start();
  source->push(5);
  run();
  reach(7);
  source->next_offset = 7;
  source->push(1);
  run();
  finish(0);
  CHECK(reported() == 5);
  finish(1);
  CHECK(reported() == 8);
  for (const auto& advanced : group.got<offset_advanced>()) CHECK(advanced.by_records);
}

TEST_CASE_FIXTURE(fixture, "the batch behind an end covers what lies before it too") {
  start();
  source->push(5);
  run();
  finish(0);
  reach(7);
  source->next_offset = 7;
  source->push(1);
  run();
  CHECK(batch_numbered(1)->first_offset == 5);
}

TEST_CASE_FIXTURE(fixture, "an end that is where the records end changes nothing") {
  start();
  source->push(5);
  run();
  finish(0);
  reach(5);
  CHECK(group.count<offset_advanced>() == 1);
}

TEST_CASE_FIXTURE(fixture, "a partition that begins at its end has nothing to commit") {
  begin = 7;
  start();
  reach(7);
  CHECK(reported() == -1);
}

TEST_CASE_FIXTURE(fixture, "of a partition of which nothing was read or committed nothing is") {
  start();
  reach(3);
  CHECK(reported() == -1);
  CHECK(lag(3) == 0);
}

TEST_CASE_FIXTURE(fixture, "markers alone are passed by, where nothing was read at all") {
  begin = 7;
  start();
  reach(9);
  CHECK(reported() == 9);
}

TEST_CASE_FIXTURE(fixture, "an end below what was read moves nothing back") {
  start();
  source->push(5);
  run();
  finish(0);
  reach(2);
  CHECK(reported() == 5);
}

TEST_CASE_FIXTURE(fixture, "a partition that is at its end does not starve") {
  start();
  source->push(5);
  source->high = 107;
  run();
  CHECK_FALSE(lookup->starving.empty());
  reach(5);
  CHECK(lookup->starving.empty());
}

TEST_CASE_FIXTURE(fixture, "the oldest record in flight, or else the last one read, has the age") {
  start({1000, 10'000'000}, 1);
  source->push(1);
  run();
  source->push(1);
  run();
  CHECK(figures->oldest_timestamp_ms.get() == 1'000'000);
  finish(0);
  CHECK(figures->oldest_timestamp_ms.get() == 1'000'001);
  finish(1);
  CHECK(figures->oldest_timestamp_ms.get() == 1'000'001);
}

TEST_CASE_FIXTURE(fixture, "what lies below the log's beginning was removed before it was read") {
  begin = 10;
  source->start = 25;
  source->next_offset = 30;  // Behind a marker, say.
  start();
  source->push(1);
  run();
  CHECK(figures->removed.get() == 15);
  source->next_offset = 40;
  source->push(1);
  run();
  CHECK(figures->removed.get() == 15);
  source->start = 50;
  reach(60);
  CHECK(figures->removed.get() == 24);
}

TEST_CASE_FIXTURE(fixture, "nothing is removed of a log of which nothing was read or committed") {
  source->start = 25;
  source->next_offset = 25;
  start();
  source->push(1);
  run();
  CHECK(figures->removed.get() == 0);
}

TEST_CASE_FIXTURE(fixture, "a log that was emptied before it was read counts once") {
  begin = 10;
  source->start = 25;
  start();
  reach(25);
  source->next_offset = 25;
  source->push(1);
  run();
  CHECK(figures->removed.get() == 15);
}
