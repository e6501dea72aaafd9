#include "actors/assignment_lines.hpp"

#include "group_fixture.hpp"

using namespace turnstile;
using namespace turnstile::tests;

namespace {

struct fixture : group_fixture {
  log_capture log;
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an assignment is told with its partitions and as whom") {
  start();
  happen(kafka_io::partitions_assigned{{0, 1, 2, 5}, nullptr, "member-7"});
  CHECK(log.with({"partitions assigned count=4 owned=4 partitions=0-2,5 member=member-7"}).size() ==
        1);
  revoke({0, 5});
  CHECK(log.with({"partitions revoked count=2 partitions=0,5"}).size() == 1);
  CHECK(log.with({"partitions given back count=2 owned=2 partitions=0,5"}).size() == 1);
  client->lost({1, 2});
  run();
  CHECK(log.with({"partitions lost count=2 partitions=1-2"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "each partition's begin has its reason") {
  lookup->answers_itself = false;
  start_with({0, 1, 2, 3});
  lookup->answer_with(kafka_io::assignment_facts{lookup->layout, {{0, 42}, {1, 7}}, {1}, {2}});
  run();
  CHECK(log.with({"partitions begin why=committed count=1 at=0@42"}).size() == 1);
  CHECK(log.with({"partitions begin why=reset to the end, and committed count=1 at=1@7"}).size() ==
        1);
  CHECK(log.with({"why=none committed, added to the topic", "partitions=2"}).size() == 1);
  CHECK(log.with({"why=none committed: auto.offset.reset", "partitions=3"}).size() == 1);
}

TEST_CASE("of a thousand partitions 64 begins are shown, the others counted") {
  log_capture log;
  kafka_io::assignment_facts facts;
  std::vector<std::int32_t> partitions;
  for (std::int32_t p = 0; p < 1000; ++p) {
    partitions.push_back(p);
    facts.committed.push_back({p, 100 + p});
  }
  actors::log_begins(partitions, facts);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.with({"count=1000", " 63@163 more=936"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "inputs that were removed before they were read are told once, in all") {
  lookup->committed = {{0, 10}, {1, 20}};
  start_with({0, 1});
  for (const std::int32_t p : {0, 1}) {
    client->sources.at(p)->start = 100;
    client->sources.at(p)->next_offset = 100;
    push(p, 1);
  }
  advance(milliseconds{3000});
  CHECK(log.with({"inputs were removed before they were read count=170 partitions=0-1"}).size() ==
        1);
}
