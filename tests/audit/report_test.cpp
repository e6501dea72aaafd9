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

std::string table_of(const audit_report& report, std::size_t width) {
  return to_table(report, width, [](std::string_view, auto cell) { return std::string{cell}; });
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
  const auto text = to_pictures(report, 80);
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
  CHECK(contains(table_of(fine, 200), "the end"));
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

TEST_CASE("raw values that no input has prove nothing, but where there are no inputs") {
  auto report = good().report();
  report.values_compared = 1;
  CHECK(report.verdict() == verdict::exactly_once);
  report.values_compared = 0;
  CHECK(report.verdict() == verdict::not_known);
  CHECK(contains(to_sentence(report), "none of 180 inputs has a value that could be"));
  // A moving audit that waits for the first input has none to compare.
  report.counts = {};
  report.moving = true;
  CHECK(report.verdict() == verdict::exactly_once);
}

TEST_CASE("all rows of the table are equally wide, and fit into 80 columns") {
  for (const auto& report : {good().report(), broken().report()}) {
    for (const std::size_t width : {std::size_t{80}, std::size_t{200}}) {
      const auto table = table_of(report, width);
      CAPTURE(table);
      const auto row = table.find('\n');
      CHECK(row <= width);
      for (std::size_t at = 0; at < table.size(); at += row + 1) CHECK(table[at + row] == '\n');
    }
  }
}

TEST_CASE("a narrow table leaves out zeros only, and never what is missing or repeated") {
  auto report = good().report();
  CHECK(contains(table_of(report, 200), "order breaks"));
  const auto narrow = table_of(report, 80);
  CHECK_FALSE(contains(narrow, "order breaks"));
  CHECK_FALSE(contains(narrow, "unknown"));
  CHECK(contains(narrow, "missing"));
  CHECK(contains(narrow, "repeated"));
  report.partitions[0].counts.unknown = 1;
  CHECK(contains(table_of(report, 80), "unknown"));
}

TEST_CASE("each cell is painted by its column, and headings are not") {
  const auto table = to_table(broken().report(), 200, [](std::string_view heading, auto cell) {
    return std::string{heading == "missing" && cell != "0" ? "<" : ""} + std::string{cell};
  });
  CHECK(contains(table, "<1"));
  CHECK_FALSE(contains(table, "<missing"));
}

TEST_CASE("a narrow picture shows the worst of what it joins") {
  const auto report = broken().report();
  const auto text = to_pictures(report, 31);
  CAPTURE(text);
  CHECK(contains(text, "X"));
  std::size_t cells = 0;
  const auto line = text.substr(0, text.find('\n'));
  for (const char c : line) cells += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  CHECK(cells == 31);
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
