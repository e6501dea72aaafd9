#include "actors/commit_pacing.hpp"

#include <doctest/doctest.h>

using std::chrono::milliseconds;
using turnstile::actors::commit_pacing;

namespace {

struct fixture {
  commit_pacing pacing;
  commit_pacing::time_point now{std::chrono::hours(1)};

  void pass(milliseconds time) { now += time; }
  void commit_within(milliseconds time) {
    pacing.send(now);
    pass(time);
    pacing.succeed(now);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "the timer is started once, and goes on while a commit is not through") {
  CHECK(pacing.start_timer());
  CHECK_FALSE(pacing.start_timer());
  pacing.end_timer();
  CHECK_FALSE(pacing.goes_on());
  pacing.send(now);
  CHECK(pacing.in_flight());
  pacing.fail();
  CHECK_FALSE(pacing.in_flight());
  CHECK(pacing.goes_on());
  commit_within(milliseconds{1});
  CHECK_FALSE(pacing.goes_on());
  CHECK(pacing.start_timer());
}

TEST_CASE_FIXTURE(fixture, "reading is held beyond the longest time, and goes on with a success") {
  pacing.send(now);
  pass(commit_pacing::overdue_max);
  CHECK_FALSE(pacing.look(now).changed);
  pass(milliseconds{1});
  CHECK(pacing.look(now).changed);
  CHECK(pacing.holds_reading());
  CHECK_FALSE(pacing.look(now).changed);
  pacing.succeed(now);
  CHECK(pacing.look(now).changed);
  CHECK_FALSE(pacing.holds_reading());
}

TEST_CASE_FIXTURE(fixture, "what is overdue follows the usual time, down to the shortest") {
  for (int n = 0; n < 100; ++n) commit_within(milliseconds{1});
  pacing.send(now);
  pass(commit_pacing::overdue_min);
  CHECK_FALSE(pacing.look(now).changed);
  pass(milliseconds{1});
  CHECK(pacing.look(now).changed);
}

TEST_CASE_FIXTURE(fixture, "commits that fail count from the first, and are told of once") {
  using news = commit_pacing::news;
  pacing.send(now);
  pacing.fail();
  pass(commit_pacing::told_after);
  pacing.send(now);
  CHECK(pacing.look(now).to_tell == news::none);
  pass(milliseconds{1});
  CHECK(pacing.look(now).to_tell == news::nothing_succeeds);
  CHECK(pacing.look(now).to_tell == news::none);
  pacing.succeed(now);
  CHECK(pacing.look(now).to_tell == news::succeeds_again);
  CHECK(pacing.look(now).to_tell == news::none);
}

TEST_CASE_FIXTURE(fixture, "an assignment begins without what was late before") {
  pacing.send(now);
  pass(milliseconds{2000});
  CHECK(pacing.look(now).changed);
  pacing.begin_assignment();
  CHECK_FALSE(pacing.holds_reading());
  const auto after = pacing.look(now);
  CHECK_FALSE(after.changed);
  CHECK(after.to_tell == commit_pacing::news::none);
  CHECK(pacing.in_flight());
}
