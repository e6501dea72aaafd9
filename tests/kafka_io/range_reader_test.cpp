#include "kafka_io/tools/range_reader.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;

struct reader_fixture : broker_fixture {
  range_reader reader = opened();
  std::map<std::size_t, std::vector<std::int64_t>> offsets;  ///< By range.

  std::vector<std::int64_t> read(const std::vector<read_range>& ranges,
                                 std::chrono::milliseconds stalled = patience,
                                 const std::function<bool()>& stopped = {}) {
    const auto reached = reader.read(
        ranges,
        {.record = [this](std::size_t r,
                          const core::record_view& record) { offsets[r].push_back(record.offset); },
         .stopped = stopped},
        stalled);
    REQUIRE(reached);
    return *reached;
  }

private:
  range_reader opened() const {
    auto made = range_reader::open(settings, isolation::read_committed);
    REQUIRE(made);
    return std::move(*made);
  }
};

std::vector<std::string> values(int count) {
  return std::vector<std::string>(static_cast<std::size_t>(count), "v");
}

TEST_CASE_FIXTURE(reader_fixture, "reads exactly the ranges, each partition in order") {
  create("a", 2);
  create("b", 1);
  send("a", 0, values(30));
  send("a", 1, values(30));
  send("b", 0, values(5));
  CHECK(read({{"a", 0, 10, 13}, {"a", 1, 0, 30}, {"b", 0, 4, 5}}) ==
        std::vector<std::int64_t>{13, 30, 5});
  CHECK(offsets[0] == std::vector<std::int64_t>{10, 11, 12});
  CHECK(offsets[1].size() == 30);
  CHECK(std::ranges::is_sorted(offsets[1]));
  CHECK(offsets[2] == std::vector<std::int64_t>{4});
}

TEST_CASE_FIXTURE(reader_fixture, "an empty range is read without asking anybody") {
  CHECK(read({{"nowhere", 0, 7, 7}}, std::chrono::milliseconds{1}) == std::vector<std::int64_t>{7});
}

TEST_CASE_FIXTURE(reader_fixture, "reads more partitions than it reads side by side") {
  constexpr int count = 3 * static_cast<int>(range_reader::partitions_at_once);
  create("many", count);
  std::vector<read_range> ranges;
  for (int p = 0; p < count; ++p) {
    send("many", p, values(3));
    ranges.push_back({"many", p, 0, 3});
  }
  CHECK(read(ranges) == std::vector<std::int64_t>(ranges.size(), 3));
  for (std::size_t r = 0; r < ranges.size(); ++r) CHECK(offsets[r].size() == 3);
}

TEST_CASE_FIXTURE(reader_fixture, "the same partition can be read again, also from before") {
  create("a", 1);
  send("a", 0, values(50));
  CHECK(read({{"a", 0, 40, 50}}) == std::vector<std::int64_t>{50});
  offsets.clear();
  CHECK(read({{"a", 0, 3, 6}}) == std::vector<std::int64_t>{6});
  CHECK(offsets[0] == std::vector<std::int64_t>{3, 4, 5});
}

TEST_CASE_FIXTURE(reader_fixture, "says how far it came where nothing more comes") {
  create("a", 1);
  send("a", 0, values(5));
  CHECK(read({{"a", 0, 0, 9}}, std::chrono::milliseconds{300}) == std::vector<std::int64_t>{5});
  CHECK(offsets[0].size() == 5);
}

TEST_CASE_FIXTURE(reader_fixture, "stops when it is told to") {
  create("a", 1);
  send("a", 0, values(5));
  CHECK(read({{"a", 0, 0, 5}}, patience, [] { return true; }) == std::vector<std::int64_t>{0});
}

TEST_CASE_FIXTURE(reader_fixture, "hands out keys, values and headers") {
  create("a", 1);
  const std::vector<core::header_view> headers{{"h", "1"}, {"n", {}}};
  auto to = writer("a");
  REQUIRE(to.send({.key = "k", .value = "v", .headers = headers, .partition = 0}));
  REQUIRE(to.flush(patience));
  int seen = 0;
  const auto reached = reader.read({{"a", 0, 0, 1}},
                                   {.record =
                                        [&](std::size_t, const core::record_view& record) {
                                          ++seen;
                                          CHECK(record.key == "k");
                                          CHECK(record.value == "v");
                                          REQUIRE(record.headers.size() == 2);
                                          CHECK(record.headers[0].value == "1");
                                          CHECK_FALSE(record.headers[1].value);
                                        }},
                                   patience);
  CHECK(reached);
  CHECK(seen == 1);
}

}  // namespace
}  // namespace turnstile::kafka_io
