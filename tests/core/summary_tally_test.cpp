#include "core/summary_tally.hpp"

#include <array>
#include <deque>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace turnstile::core;

namespace {

output_record record(std::int64_t offset, outcome result = outcome::processed,
                     std::string_view device_type = "iOS", std::string_view locale = "NM") {
  output_record out;
  out.source_offset = offset;
  out.result = result;
  static std::deque<std::array<std::string_view, 2>> counted;
  out.counted = counted.emplace_back(std::array{device_type, locale});
  return out;
}

constexpr std::int64_t now_s = 1729894460;

const std::vector<std::string> names{"device_type_counts", "locale_counts"};

constexpr std::size_t large = 1'000'000;

std::string taken(summary_tally& tally, std::string_view worker = "w") {
  return tally.take_summary(worker, now_s, large).value();
}

struct tally_fixture {
  summary_tally tally{"user-login", 1000, names, {1000, large}};

  void count(std::int64_t offset, outcome result = outcome::processed) {
    tally.count(0, offset, record(offset, result));
  }
  std::string take() { return taken(tally); }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(tally_fixture, "a summary is the record of the contract") {
  tally.count(1, 10, record(10, outcome::processed, "iOS", "NM"));
  tally.count(1, 11, record(11, outcome::failed));
  tally.count(0, 5, record(5, outcome::filtered));
  tally.count(0, 6, record(6, outcome::processed, "android", "RI"));
  CHECK(take() ==
        R"({"processed_count":2,"filtered_record_count":1,"error_count":1,"received_count":4,)"
        R"("device_type_counts":{"android":1,"iOS":1},"locale_counts":{"NM":1,"RI":1},)"
        R"("worker":"w","sequence":1,"window":{"processed_count":2,"filtered_record_count":1,)"
        R"("error_count":1,"received_count":4,"device_type_counts":{"android":1,"iOS":1},)"
        R"("locale_counts":{"NM":1,"RI":1}},"covers":{"user-login":{"0":[[5,7]],"1":[[10,12]]}},)"
        R"("timestamp":"2024-10-25 22:14:20"})");
}

TEST_CASE_FIXTURE(tally_fixture, "it is due at exactly each thousand processed messages") {
  std::int64_t offset = 0;
  for (std::int64_t thousand = 1; thousand <= 3; ++thousand) {
    for (int i = 0; i < 999; ++i) {
      count(offset++);
      count(offset++, i % 2 ? outcome::failed : outcome::filtered);
      REQUIRE_FALSE(tally.due());
    }
    count(offset++);
    REQUIRE(tally.due());
    CHECK(take().starts_with("{\"processed_count\":" + std::to_string(thousand * 1000) + ","));
    CHECK_FALSE(tally.due());
  }
}

TEST_CASE("a multiple that is left out belongs to the next one's window") {
  summary_tally tally("user-login", 2, names, {1000, large});
  for (std::int64_t offset = 0; offset < 4; ++offset) {
    tally.count(0, offset, record(offset));
    if (offset == 1) tally.leave_out();
  }
  CHECK(tally.due());
  const std::string both = taken(tally);
  CHECK(contains(both, "\"sequence\":1,\"multiples\":2,\"window\":{\"processed_count\":4,"));
  tally.count(0, 4, record(4));
  CHECK(contains(taken(tally), "\"sequence\":2,\"window\":{\"processed_count\":1,"));
}

TEST_CASE_FIXTURE(tally_fixture, "the window begins anew and the counts above it go on") {
  count(0);
  take();
  count(1);
  const std::string second = take();
  CHECK(second.starts_with("{\"processed_count\":2,"));
  CHECK(contains(second, "\"device_type_counts\":{\"iOS\":2},"));
  CHECK(contains(second, "\"sequence\":2,\"window\":{\"processed_count\":1,"));
  CHECK(contains(second, "\"covers\":{\"user-login\":{\"0\":[[1,2]]}}"));
  const std::string third = take();
  CHECK(contains(third, "\"sequence\":3,\"window\":{\"processed_count\":0,"));
  CHECK(contains(third,
                 "\"device_type_counts\":{},\"locale_counts\":{}},\"covers\":{\"user-login\":{}}"));
}

TEST_CASE_FIXTURE(tally_fixture,
                  "gaps between offsets are covered within an epoch and left open between epochs") {
  tally.count(0, 10, record(12));  // 10 and 11 hold no record: compacted, or a transaction's mark.
  tally.count(0, 13, record(13));
  tally.count(0, 20, record(20));  // A new epoch; what another worker did stays open.
  tally.count(0, 5, record(6));    // A later one, set back.
  CHECK(contains(take(), "{\"0\":[[10,14],[20,21],[5,7]]}"));
}

TEST_CASE_FIXTURE(tally_fixture, "only processed records count by device type and locale") {
  count(0, outcome::failed);
  count(1, outcome::filtered);
  CHECK(contains(take(), "\"device_type_counts\":{},\"locale_counts\":{},\"worker\""));
}

TEST_CASE("values beyond the limit of distinct ones are counted together") {
  summary_tally tally("t", 0, names, {2, large});
  for (std::int64_t i = 0; i < 10; ++i) {
    const std::string value = "v" + std::to_string(i);
    tally.count(0, i, record(i, outcome::processed, value, "same"));
  }
  tally.count(0, 10, record(10, outcome::processed, "v1", "same"));
  CHECK_FALSE(tally.due());
  const std::string summary = taken(tally);
  CHECK(contains(summary, "\"device_type_counts\":{\"(other)\":8,\"v0\":1,\"v1\":2}"));
  CHECK(contains(summary, "\"locale_counts\":{\"same\":11}"));
}

TEST_CASE("a stream's own (other) takes no place of another value") {
  value_counts counts(1, large);
  counts.count("(other)");
  counts.count("a");
  counts.count("b");
  CHECK(counts.entries().find("a")->second.total == 1);
  CHECK(counts.entries().find("(other)")->second.total == 2);
}

TEST_CASE("many values, in any order, are each counted by themselves") {
  constexpr int values = 1000;
  value_counts counts(values, large);
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < values; ++i) counts.count("v" + std::to_string(i));
  CHECK(counts.entries().size() == values);
  for (const auto& [value, entry] : counts.entries()) CHECK(entry.total == 3);
}

TEST_CASE("values of 64 bytes are counted by name and longer ones together") {
  value_counts counts(10, large);
  counts.count(std::string(64, 'x'));
  counts.count(std::string(65, 'x'));
  counts.count(std::string(1000000, 'x'));
  counts.count(std::string(32, '\x01'));
  CHECK(counts.entries().size() == 2);
  CHECK(counts.entries().find("(other)")->second.total == 3);
}

TEST_CASE("no more values are counted by name than three quarters of a summary hold") {
  constexpr std::size_t bytes_max = 20'000;
  summary_tally tally("t", 0, names, {1'000'000, bytes_max});
  for (std::int64_t n = 0; n < 10'000; ++n) {
    const std::string value = std::to_string(n);
    tally.count(0, n, record(n, outcome::processed, value, "\n" + value));
  }
  const auto summary = tally.take_summary("w", now_s, bytes_max);
  REQUIRE(summary);
  CHECK(contains(*summary, "\"0\":1,"));
  CHECK(contains(*summary, "\"(other)\":"));
}

TEST_CASE("of a summary that is too long even so, the next one counts what it would have") {
  summary_tally tally("t", 0, names, {1000, large});
  tally.count(0, 0, record(0));
  CHECK_FALSE(tally.take_summary("w", now_s, 100));
  tally.count(0, 1, record(1));
  const std::string next = taken(tally);
  CHECK(contains(next, "\"sequence\":1,\"window\":{\"processed_count\":2,"));
  CHECK(contains(next, "\"0\":[[0,2]]"));
}

TEST_CASE("names are escaped") {
  summary_tally tally("t", 0, names, {10, large});
  tally.count(0, 0, record(0, outcome::processed, "a\"b\\", "\n"));
  const std::string summary = taken(tally, "w\"");
  CHECK(contains(summary,
                 R"("device_type_counts":{"a\"b\\":1},"locale_counts":{"\n":1},"worker":"w\"")"));
}

TEST_CASE("however a stream is cut, the windows add up to the cumulative counts") {
  turnstile::tests::seeded_random random;
  INFO(random.note());
  value_counts counts(5, large);
  std::map<std::string, std::int64_t> summed;
  for (int i = 0; i < 5000; ++i) {
    counts.count("v" + std::to_string(random.below(20)));
    if (!random.one_in(50)) continue;
    for (const auto& [value, entry] : counts.entries()) summed[value] += entry.window;
    counts.reset_window();
  }
  for (const auto& [value, entry] : counts.entries())
    CHECK(summed[value] + entry.window == entry.total);
  CHECK(counts.entries().size() == 6);
}
