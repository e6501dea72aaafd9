#include "audit/report.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

testing::model broken() {
  auto made = good();
  made.remove(fate::processed);
  made.outputs.push_back(made.at(fate::error));
  return made;
}

}  // namespace

TEST_CASE("the JSON has the documented fields") {
  const auto report = broken().report();
  rapidjson::Document json;
  json.Parse(to_json(report).c_str());
  REQUIRE(json.IsObject());
  CHECK(json["schema"].GetInt() == report_schema);
  CHECK(std::string{json["verdict"].GetString()} == "faults");
  for (const auto* name :
       {"inputs", "processed", "error", "cleaned", "missing", "repeated", "unknown", "waiting",
        "no_record", "outputs", "repeats", "outside", "order_breaks"}) {
    CAPTURE(name);
    REQUIRE(json.HasMember(name));
    CHECK(json[name].IsInt64());
  }
  CHECK(json["missing"].GetInt64() == 1);
  CHECK(json["faults"]["missing"].GetInt64() == 1);
  CHECK(json["faults"]["repeated"].GetInt64() == 1);
  CHECK(json["examples"]["repeated"].Size() == 1);
  CHECK(json["reasons"]["missing_fields"].GetInt64() > 10);
  CHECK(json["summaries"]["workers"].GetInt64() == 1);
  REQUIRE(json["partitions"].Size() == 3);
  const auto& one = json["partitions"][1];
  CHECK(one["begin"].GetInt64() == 100);
  CHECK(one["end"].GetInt64() == 160);
  CHECK(one["committed"].GetInt64() == 160);
  CHECK(one["missing_ranges"].Size() == 1);
  CHECK(one["missing_ranges"][0].Size() == 2);
}

TEST_CASE("the picture has a cell for each sixtieth of the range, and shows the worst of it") {
  const auto report = broken().report();
  const auto& picture = report.partitions[1].picture;
  REQUIRE(picture.size() == picture_cells);
  CHECK(std::ranges::count(picture, cell::missing) == 1);
  CHECK(std::ranges::count(picture, cell::repeated) == 1);
  CHECK(std::ranges::count(picture, cell::exactly_once) == 58);
  const auto text = to_pictures(report);
  CHECK(contains(text, "X some missing"));
  CHECK(contains(text, "2 some repeated"));
}

TEST_CASE("a range shorter than the picture has a cell for each offset") {
  auto part = good();
  for (std::int32_t p = 0; p < testing::partitions; ++p) part.starts[p] = 155;
  part.stopped = false;
  CHECK(part.report().partitions[0].picture.size() == 5);
}

TEST_CASE("people read a table, what is wrong with examples, and one sentence") {
  const auto fine = good().report();
  CHECK(to_sentence(fine) == "each of 180 inputs ended exactly once");
  CHECK(contains(to_table(fine), "the end"));
  CHECK_FALSE(contains(to_notes(fine), "FAULT"));
  auto old = good();
  old.remove(fate::processed);
  old.compacted = {fate::processed};
  CHECK(to_sentence(old.report()) ==
        "of 180 inputs 1 can no longer be known; the others ended exactly once");
  const auto bad = broken().report();
  CHECK(contains(to_sentence(bad), "1 are missing and 1 are repeated"));
  CHECK(contains(to_notes(bad), "FAULT missing: 1 (an input that is in no output topic)"));
  CHECK(contains(to_notes(bad), "partition 1 missing: "));
}

TEST_CASE("all rows of the table are equally wide") {
  const auto table = to_table(broken().report());
  const auto width = table.find('\n');
  for (std::size_t at = 0; at < table.size(); at += width + 1) CHECK(table[at + width] == '\n');
}

TEST_CASE("lists of ranges are bounded, and what is left out is counted") {
  range_list list;
  for (std::int64_t n = 0; n < 1500; ++n) list.add({2 * n, 2 * n + 1});
  CHECK(list.ranges.size() == ranges_max);
  CHECK(list.left_out == 500);
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-1234567) == "-1,234,567");
}

}  // namespace turnstile::audit
