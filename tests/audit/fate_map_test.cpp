#include "audit/fate_map.hpp"

#include <map>

#include <doctest/doctest.h>

#include "audit/cover_set.hpp"
#include "audit/partition_ledger.hpp"
#include "support/seeded_random.hpp"

namespace turnstile::audit {

TEST_CASE("every state of an offset is kept apart from its neighbours'") {
  fate_map map{7};
  map.extend(7 + 64);
  for (unsigned n = 0; n < 64; ++n) map.set(7 + n, offset_state::of_bits(n));
  for (unsigned n = 0; n < 64; ++n) CHECK(map.at(7 + n).bits() == n % 16);
}

TEST_CASE("copies are counted up to four") {
  for (unsigned copies = 1; copies <= 6; ++copies) {
    const offset_state state{fate::error, copies};
    CHECK(state.copies() == std::min(copies, copies_max));
    CHECK(state.where() == fate::error);
  }
  CHECK(offset_state{absence::missing}.copies() == 0);
  CHECK(offset_state{absence::missing}.where() == fate::none);
}

TEST_CASE("runs have the same states as their offsets, wherever they begin and end") {
  fate_map map{3};
  map.extend(20'003);
  for (std::int64_t offset = 3; offset < 20'003; ++offset) {
    map.set(offset, offset_state{offset % 997 < 990 ? fate::processed : fate::error, 1});
  }
  for (const offset_range range : {offset_range{3, 20'003}, {4, 20'002}, {8'191, 8'193}, {5, 6}}) {
    std::int64_t next = range.low;
    map.for_each_run(range, [&](offset_range run, offset_state state) {
      CHECK(run.low == next);
      for (auto offset = run.low; offset < run.high; ++offset) {
        if (map.at(offset) != state) FAIL("another state at ", offset);
      }
      next = run.high;
    });
    CHECK(next == range.high);
  }
}

TEST_CASE("ten million offsets take at most one byte each, all found once or all missing") {
  constexpr std::int64_t count = 10'000'000;
  partition_ledger ledger{0, 1};
  ledger.extend(1 + count, 1 + count);
  CHECK(ledger.bytes() <= count);
  for (std::int64_t offset = 1; offset <= count; ++offset) ledger.write(offset, fate::processed);
  CHECK(ledger.bytes() <= count);
  CHECK(ledger.counts().of(fate::processed) == count);
  ledger.extend(1 + 2 * count, 1 + 2 * count);
  ledger.settle({1 + count, 1 + 2 * count}, absence::missing);
  CHECK(ledger.counts().missing == count);
  CHECK(ledger.bytes() <= 2 * count);
}

TEST_CASE("a moving window keeps its size and its counts") {
  partition_ledger ledger{0, 0};
  std::size_t bytes_max = 0;
  for (std::int64_t end = 10'000; end <= 1'000'000; end += 10'000) {
    ledger.extend(end, end);
    for (auto offset = end - 10'000; offset < end; ++offset) ledger.write(offset, fate::cleaned);
    ledger.drop_below(end - 5'000);
    bytes_max = std::max(bytes_max, ledger.bytes());
  }
  CHECK(bytes_max <= 5 * 4096);
  CHECK(ledger.counts().of(fate::cleaned) == 1'000'000);
}

TEST_CASE("an output of a dropped offset is a repeat, unless it was missing") {
  partition_ledger ledger{0, 0};
  ledger.extend(100, 100);
  for (std::int64_t offset = 0; offset < 100; ++offset) {
    if (offset / 3 != 10) ledger.write(offset, fate::processed);
  }
  ledger.settle({0, 100}, absence::missing);
  ledger.drop_below(90);
  CHECK(ledger.counts().missing == 3);
  CHECK(ledger.write(50, fate::processed) == partition_ledger::write_result::again);
  CHECK(ledger.write(31, fate::error) == partition_ledger::write_result::first);
  CHECK(ledger.write(31, fate::error) == partition_ledger::write_result::again);
  CHECK(ledger.counts().missing == 2);
  CHECK(ledger.counts().of(fate::error) == 1);
  CHECK(ledger.dropped_missing() == std::vector<offset_range>{{30, 31}, {32, 33}});
}

TEST_CASE("an output of an offset that was found to hold no record comes from no input") {
  partition_ledger ledger{0, 0};
  ledger.extend(10, 10);
  ledger.settle(4, absence::no_record);
  CHECK(ledger.write(4, fate::processed) == partition_ledger::write_result::no_input);
  CHECK(ledger.write(5, fate::processed) == partition_ledger::write_result::first);
}

TEST_CASE("covers count as often as a plain count of each offset does") {
  tests::seeded_random random;
  INFO(random.note());
  cover_set covers;
  std::map<std::int64_t, std::int64_t> plain;
  for (int n = 0; n < 400; ++n) {
    const auto low = random.between(0, 499);
    const auto high = low + random.between(0, 59);
    covers.add({low, high});
    for (auto offset = low; offset < high; ++offset) ++plain[offset];
    if (n % 40 != 0) continue;
    std::map<std::int64_t, std::int64_t> found;
    covers.for_each({20, 480}, [&found](offset_range part, std::int64_t times) {
      for (auto offset = part.low; offset < part.high; ++offset) found[offset] = times;
    });
    auto expected = plain;
    std::erase_if(expected, [](const auto& e) { return e.first < 20 || e.first >= 480; });
    CHECK(found == expected);
  }
}

TEST_CASE("covers that continue each other are one piece") {
  cover_set covers;
  for (std::int64_t n = 0; n < 1000; ++n) covers.add({n * 10, n * 10 + 10});
  CHECK(covers.pieces() == 1);
  for (std::int64_t n = 999; n >= 0; --n) covers.add({n * 10, n * 10 + 10});
  CHECK(covers.pieces() == 1);
}

TEST_CASE("a range that is filled at once is what its offsets set one by one are") {
  const std::vector<offset_range> ranges{{101, 102}, {100, 101},   {101, 104},      {100, 20'000},
                                         {101, 101}, {103, 8'292}, {8'191, 16'501}, {150, 151}};
  for (const auto range : ranges) {
    fate_map filled{100};
    filled.extend(20'000);
    auto one_by_one = filled;
    const offset_state state{fate::cleaned, 2};
    filled.fill(range, state);
    for (auto at = range.low; at < range.high; ++at) one_by_one.set(at, state);
    bool same = true;
    for (std::int64_t at = 100; at < 20'000; ++at)
      same = same && filled.at(at) == one_by_one.at(at);
    CHECK(same);
  }
}

}  // namespace turnstile::audit
