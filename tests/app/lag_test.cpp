#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "app/lag/lag_report.hpp"
#include "app/lag/lag_text.hpp"
#include "app/terminal/text_width.hpp"

namespace turnstile::app {
namespace {

using kafka_io::group_partition;
using kafka_io::group_picture;
using kafka_io::group_state;

constexpr std::int64_t now_ms = 1729894460000;

/// A partition whose group has 40 of 100 records to read, the next one ten seconds old.
group_partition behind(std::int32_t number = 0) {
  return {.topic = "logins",
          .partition = number,
          .committed = 60,
          .first = 0,
          .stable_end = 100,
          .end = 100,
          .next_offset = 60,
          .next_timestamp_ms = now_ms - 10'000};
}

lag_report judged(std::vector<group_partition> partitions) {
  return judge_lag("g", {.state = group_state::stable, .partitions = std::move(partitions)},
                   now_ms);
}

lag_row judged_one(const group_partition& partition) { return judged({partition}).rows.front(); }

std::string table(const lag_report& report, std::size_t width = 200, std::size_t rows_max = 100) {
  std::string text;
  // Standard output of a test is no terminal: no colours.
  for (const auto& line : lag_table(report, width, rows_max, painter{stdout})) text += line + "\n";
  return text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("lag is counted from the next record to the end, and lasts since that was written") {
  const auto row = judged_one(behind());
  CHECK(row.records == 40);
  CHECK(row.waits_ms == 10'000);
  CHECK(row.since_ms == now_ms - 10'000);
  CHECK(row.note.empty());
}

TEST_CASE("offsets without a record in front of the next one are no lag") {
  auto markers = behind();
  markers.next_offset = 70;
  CHECK(judged_one(markers).records == 30);
  markers.next_offset = 100;
  markers.next_timestamp_ms = -1;
  CHECK(judged_one(markers).records == 0);
  CHECK(judged_one(markers).waits_ms == 0);
}

TEST_CASE("where nothing is committed all that is there counts, and it says so") {
  auto fresh = behind();
  fresh.committed = -1;
  fresh.first = fresh.next_offset = 20;
  CHECK(judged_one(fresh).records == 80);
  CHECK(contains(judged_one(fresh).note, "nothing committed"));
  fresh.first = fresh.end = fresh.stable_end = 0;
  fresh.next_offset = fresh.next_timestamp_ms = -1;
  CHECK(judged_one(fresh).records == 0);
  CHECK(judged_one(fresh).note.empty());
}

TEST_CASE("what was removed before it was read is told and is no lag") {
  auto removed = behind();
  removed.committed = 10;
  removed.first = removed.next_offset = 90;
  CHECK(judged_one(removed).records == 10);
  CHECK(judged_one(removed).note == "80 removed before they were read");
}

TEST_CASE("what waits for the end of a transaction is told and is no lag") {
  auto held = behind();
  held.committed = held.next_offset = held.stable_end = 90;
  held.next_timestamp_ms = -1;
  CHECK(judged_one(held).records == 0);
  CHECK(judged_one(held).note == "10 wait for the end of a transaction");
  held.committed = 95;  // By a reader of uncommitted transactions.
  CHECK(judged_one(held).records == 0);
  CHECK(judged_one(held).note == "5 wait for the end of a transaction");
}

TEST_CASE("an offset beyond the end, or an end that nobody tells, is no lag of 0") {
  auto beyond = behind();
  beyond.committed = 101;
  CHECK_FALSE(judged_one(beyond).records);
  CHECK(contains(judged_one(beyond).note, "beyond the end"));
  auto headless = behind();
  headless.trouble = "it has no leader";
  const auto report = judged({behind(), headless});
  CHECK(unknown_rows(report) == 1);
  CHECK(total_records(report) == 40);
  CHECK(over_limits(report, {}).empty());
  CHECK(over_limits(report, {.records = 100}) ==
        std::vector<std::string>{"logins/0 lag is not known: it has no leader"});
}

TEST_CASE("a partition at its limit is not above it, one beyond it is") {
  const auto report = judged({behind()});
  CHECK(over_limits(report, {.records = 40, .waits_ms = 10'000}).empty());
  CHECK(over_limits(report, {.records = 39, .waits_ms = 9'999}) ==
        std::vector<std::string>{"logins/0 is 40 records behind, limit 39",
                                 "logins/0 is 10.0 s behind, limit 9.9 s"});
}

TEST_CASE("a record without a time leaves open for how long, and no limit of time holds") {
  auto timeless = behind();
  timeless.next_timestamp_ms = -1;
  CHECK_FALSE(judged_one(timeless).waits_ms);
  CHECK(over_limits(judged({timeless}), {.waits_ms = 1'000'000}).size() == 1);
  CHECK(over_limits(judged({timeless}), {.records = 1'000'000}).empty());
}

TEST_CASE("only a group without members and offsets is one that does not exist") {
  CHECK(is_unknown_group(judge_lag("g", {.state = group_state::dead}, now_ms)));
  CHECK_FALSE(is_unknown_group(judge_lag("g", {.state = group_state::empty}, now_ms)));
  CHECK_FALSE(is_unknown_group(
      judge_lag("g", {.state = group_state::dead, .partitions = {behind()}}, now_ms)));
}

TEST_CASE("the table names the owner, and the headline sums up") {
  auto owned = behind();
  owned.owner = 0;
  const auto text =
      table(judge_lag("g",
                      {.state = group_state::stable,
                       .members = {{.client_id = "w1", .host = "/10.0.0.1", .member_id = "w1-x"}},
                       .partitions = {owned, behind(1)}},
                      now_ms));
  CHECK(contains(text,
                 "group g: stable, 1 member, 2 partitions; 80 records behind, the oldest for "
                 "10.0 s\n"));
  CHECK(contains(text,
                 "logins          0         60  100   40     10.0  2024-10-25T22:14:10  w1"
                 "      10.0.0.1\n"));
}

TEST_CASE("with too many partitions those that wait longest are shown, in their order") {
  auto longest = behind(7);
  longest.next_timestamp_ms -= 1000;
  auto next = behind(3);
  next.next_timestamp_ms -= 500;
  const auto text = table(judged({behind(0), behind(1), next, behind(4), longest}), 200, 2);
  CHECK(contains(text, "logins          3 "));
  CHECK(contains(text, "logins          7 "));
  CHECK_FALSE(contains(text, "logins          4 "));
  CHECK(contains(text, "3 more wait less long\n"));
  CHECK(text.find("          3 ") < text.find("          7 "));
}

TEST_CASE("no line of the table is wider than the terminal, and none has control characters") {
  auto hostile = behind();
  hostile.topic = "a\x1b[31m\nb" + std::string(300, 'x');
  hostile.owner = 0;
  hostile.trouble = std::string(300, 'y') + "\a";
  const group_picture picture{.state = group_state::stable,
                              .members = {{.client_id = "c\x1b]0;\a", .host = "\x9b\x90"}},
                              .partitions = {behind(), hostile}};
  for (const std::size_t width : {20U, 60U, 80U, 120U}) {
    const auto report = judge_lag("g\x1b[2J", picture, now_ms);
    for (const auto& line : lag_table(report, width, 100, painter{stdout})) {
      CHECK(columns(line) <= width);
      for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
    }
    for (const auto& line : {lag_line(report), lag_json(report)})
      for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST_CASE("JSON has null for what is not known, and numbers as numbers") {
  auto headless = behind(1);
  headless.committed = headless.end = -1;
  headless.trouble = "it has no leader";
  const auto text = lag_json(judged({behind(), headless}));
  CHECK(contains(text, R"("lag_records":40,"lag_seconds":10.000,"unknown_partitions":1)"));
  CHECK(contains(text,
                 R"("committed":60,"first":0,"stable_end":100,"end":100,"lag_records":40,)"
                 R"("lag_seconds":10.000,"since":"2024-10-25T22:14:10.000Z","client_id":null)"));
  CHECK(contains(text, R"("committed":null,"first":0,"stable_end":100,"end":null,)"
                       R"("lag_records":null,"lag_seconds":null)"));
}

}  // namespace turnstile::app
