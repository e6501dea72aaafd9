// Old and new outcomes in whatever order they come.
#include "app/shadow/pairing.hpp"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::shadow {
namespace {

/// The bytes of an outcome: how it ended, then whatever.
std::string bytes(ending end, const std::string& value) {
  return std::string(1, static_cast<char>(end)) + value;
}

struct fixture {
  explicit fixture(std::size_t room_bytes = 1'000'000) : room{.bytes_max = room_bytes} {}

  void made(std::int64_t offset, const std::string& value, std::int64_t time = -1) {
    const auto all = bytes(processed, value);
    pairs.add_made(offset, {.bytes = all, .input_time_ms = time}, judge);
  }
  void found(std::int64_t offset, const std::string& value, std::int64_t time = -1,
             ending end = processed, bool redriven = false) {
    const auto all = bytes(end, value);
    pairs.add_found(offset, {.bytes = all, .input_time_ms = time, .redriven = redriven}, counts,
                    judge);
  }
  pairing::rest finish() {
    return pairs.finish_pass(
        [this](std::int64_t offset, ending /*would*/) { without.push_back(offset); });
  }
  [[nodiscard]] std::int64_t count(verdict_kind kind) const {
    std::int64_t sum = 0;
    counts.for_each([&](const verdict& what, const tally::entry& entry) {
      if (what.kind == kind) sum += entry.count;
    });
    return sum;
  }
  [[nodiscard]] std::int64_t same() const { return count(verdict_kind::same); }
  [[nodiscard]] std::int64_t differ() const { return count(verdict_kind::other_outcome); }

  waiting_room room;
  tally counts;
  std::vector<std::int64_t> without;
  pairing pairs{0, {10, 20}, room};
  pairing::judge judge = [this](input_place at, const side& before, const side& after) {
    const bool same = before.bytes == after.bytes;
    return counts.add(same ? verdict_kind::same : verdict_kind::other_outcome,
                      ending_in(before.bytes), ending_in(after.bytes), at);
  };
};

}  // namespace

TEST_CASE("either side may come first, and nothing is kept of a pair") {
  fixture f;
  f.made(10, "a");
  f.found(10, "a");
  f.found(11, "a");
  f.made(11, "b");
  CHECK(f.same() == 1);
  CHECK(f.differ() == 1);
  CHECK(f.room.bytes == 0);
}

TEST_CASE("an input without an outcome is told, and an output without an input counted") {
  fixture f;
  f.made(12, "a");
  f.found(13, "a");
  CHECK(f.finish().inputs.size() == 0);
  CHECK(f.without == std::vector<std::int64_t>{12});
  CHECK(f.pairs.counted().inputless == 1);
}

TEST_CASE("of an input that was written twice the first is compared") {
  fixture f;
  f.found(10, "a");
  f.found(10, "b");
  f.made(10, "a");
  f.found(10, "b");
  CHECK(f.same() == 1);
  CHECK(f.differ() == 0);
  CHECK(f.pairs.counted().repeated == 2);
}

TEST_CASE("outputs of an earlier topic, by their input's time, are not compared") {
  fixture f;
  f.found(10, "old", 1000);
  f.found(10, "a", 2000);
  f.made(10, "a", 2000);
  f.made(11, "a", 2000);
  f.found(11, "old", 1000);
  f.found(11, "a", 2000);
  CHECK(f.same() == 2);
  CHECK(f.pairs.counted().earlier == 2);
  CHECK(f.pairs.counted().repeated == 0);
}

TEST_CASE("what was redriven counts as what it became, whenever that is seen") {
  const ending failed = ending_of(core::reason::bad_value);
  for (const bool judged_before : {true, false}) {
    CAPTURE(judged_before);
    fixture f;
    if (judged_before) f.made(10, "a");
    f.found(10, "error", -1, failed);
    f.found(10, "a", -1, processed, true);
    f.found(10, "a", -1, processed, true);
    CHECK(f.differ() == 0);
    const auto rest = f.finish();
    CHECK(rest.inputs == audit::offset_range{10, 11});
    CHECK_FALSE(rest.outputs);
    f.made(10, "a");
    CHECK(f.same() == 1);
    CHECK(f.pairs.counted().redriven == 1);
    CHECK(f.pairs.counted().repeated == 1);
    CHECK(f.finish().inputs.size() == 0);
    CHECK(f.room.bytes == 0);
  }
}

TEST_CASE("a redriven outcome of an earlier topic does not hide the error of this one") {
  const ending failed = ending_of(core::reason::bad_value);
  fixture f;
  f.made(10, "a", 2000);
  f.found(10, "error", 2000, failed);
  f.found(10, "a", 1000, processed, true);
  CHECK(f.finish().inputs == audit::offset_range{10, 11});
  f.made(10, "a", 2000);
  CHECK(f.finish().outputs);
  f.made(10, "a", 2000);
  f.found(10, "error", 2000, failed);
  f.found(10, "a", 1000, processed, true);
  CHECK(f.differ() == 1);
  CHECK(f.finish().inputs.size() == 0);
}

TEST_CASE("without room fingerprints wait: equal is the same, else both are read again") {
  fixture f(1);
  for (std::int64_t offset = 10; offset < 20; ++offset) f.made(offset, "a");
  for (std::int64_t offset = 10; offset < 18; ++offset) f.found(offset, offset % 2 ? "a" : "b");
  // One is always kept, so that each pass brings a verdict.
  CHECK(f.differ() == 1);
  CHECK(f.same() == 4);
  auto rest = f.finish();
  CHECK(f.without == std::vector<std::int64_t>{18, 19});
  int passes = 1;
  for (; rest.inputs.size() > 0; ++passes) {
    REQUIRE(rest.outputs);
    REQUIRE(passes < 10);
    for (std::int64_t offset = 10; offset < 20; ++offset) f.made(offset, "a");
    for (std::int64_t offset = 10; offset < 18; ++offset) f.found(offset, offset % 2 ? "a" : "b");
    rest = f.finish();
  }
  CHECK(passes == 4);
  CHECK(f.differ() == 4);
  CHECK(f.same() == 4);
  CHECK(f.without.size() == 2);
  CHECK(f.pairs.counted().repeated == 0);
}

TEST_CASE("what waits never takes more than the room") {
  fixture f(500);
  for (std::int64_t offset = 10; offset < 20; ++offset) {
    f.found(offset, std::string(100, 'x'));
    f.found(offset, std::string(100, 'x'));
    CHECK(f.room.bytes <= 500);
  }
  for (std::int64_t offset = 10; offset < 20; ++offset) f.made(offset, std::string(100, 'x'));
  CHECK(f.same() == 10);
}

}  // namespace turnstile::shadow
