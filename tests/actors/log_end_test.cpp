#include "group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;

namespace {

struct fixture : group_fixture {
  log_capture log;

  /// What the leaders answer each second, for so many seconds.
  void tell(const std::vector<kafka_io::log_end_fact>& ends, int seconds = 1) {
    for (int n = 0; n < seconds; ++n) {
      advance(milliseconds{1000});
      lookup->answer_ends(ends);
      run();
    }
  }
  std::shared_ptr<const core::partition_figures> figures_of(std::int32_t partition) {
    for (const auto& opened : reporter.got<messages::partition_opened>())
      if (opened.figures->source.partition == partition) return opened.figures;
    FAIL("no partition " << partition);
    return nullptr;
  }
  std::size_t holds() { return log.with({"an open transaction holds a partition back"}).size(); }
  std::size_t releases() { return log.with({"the open transaction is over"}).size(); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "each second the leaders are asked where the logs end, once at a time") {
  start_with({0, 1});
  advance(milliseconds{3000});
  REQUIRE(lookup->ends_questions.size() == 1);
  CHECK(lookup->ends_questions[0].first == std::vector<std::int32_t>{0, 1});
  lookup->answer_ends({{0, 40, 45}});
  run();
  CHECK(figures_of(0)->end.get() == 40);
  CHECK(figures_of(0)->held_back.get() == 5);
  CHECK(figures_of(1)->end.get() == -1);
  advance(milliseconds{100});
  CHECK(lookup->ends_questions.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "who owns nothing asks nothing") {
  start();
  advance(milliseconds{3000});
  CHECK(lookup->ends_questions.empty());
}

TEST_CASE_FIXTURE(fixture, "an open transaction is told of after five seconds, and its end once") {
  start_with({0});
  tell({{0, 5, 6}});
  tell({{0, 5, 106}}, 4);
  CHECK(holds() == 0);
  tell({{0, 5, 107}}, 3);
  CHECK(holds() == 1);
  CHECK(log.with({"holds a partition back", "partition=0 offset=5 held_back=102"}).size() == 1);
  CHECK(releases() == 0);
  tell({{0, 107, 107}}, 2);
  CHECK(releases() == 1);
  CHECK(holds() == 1);
}

TEST_CASE_FIXTURE(fixture, "transactions that follow one another hold nothing back") {
  start_with({0});
  for (std::int64_t n = 0; n < 20; ++n) tell({{0, 10 * n, 10 * n + 10}});
  CHECK(holds() == 0);
  CHECK(releases() == 0);
}

TEST_CASE_FIXTURE(fixture, "behind a transaction that is over the next one is told of too") {
  start_with({0});
  tell({{0, 5, 20}}, 6);
  tell({{0, 9, 20}}, 6);
  CHECK(holds() == 2);
  CHECK(releases() == 1);
}

TEST_CASE_FIXTURE(fixture, "many partitions held back have eight lines, the others are counted") {
  std::vector<std::int32_t> partitions;
  std::vector<kafka_io::log_end_fact> held, free;
  for (std::int32_t p = 0; p < 20; ++p) {
    partitions.push_back(p);
    held.push_back({p, 5, 6});
    free.push_back({p, 7, 7});
  }
  start_with(partitions);
  tell(held, 8);
  CHECK(holds() == actors::log_end_watch::lines_max);
  CHECK(log.with({"hold more partitions back", "partitions=12"}).size() == 1);
  tell(free, 2);
  CHECK(releases() == actors::log_end_watch::lines_max);
  CHECK(log.with({"more partitions go on", "partitions=12"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "offsets that hold no record are committed") {
  start_with({0});
  push(0, 5);
  finish();
  advance(milliseconds{100});
  client->sources.at(0)->end = 7;
  client->sources.at(0)->wake();
  run();
  advance(milliseconds{100});
  CHECK(commits() == texts{"commit 0:5", "commit 0:7"});
}
