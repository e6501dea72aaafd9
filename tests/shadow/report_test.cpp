// What a shadow says in the end.
#include <doctest/doctest.h>

#include "app/shadow/shadow_report.hpp"

namespace turnstile::shadow {
namespace {

shadow_report report_of(const tally& counts, const std::string& expect = "") {
  expectations expected;
  if (!expect.empty()) expected.add(expect);
  shadow_report report;
  report.input_topic = "in";
  add_counts(report, counts, expected);
  return report;
}

std::vector<difference> named(const std::vector<std::string>& names) {
  std::vector<difference> all;
  for (const auto& name : names) all.push_back({name, "\"before\"", "\"after\""});
  return all;
}

}  // namespace

TEST_CASE("an input is expected to differ when all of its differences are") {
  tally counts;
  counts.add_differences(processed, named({"ip"}), {0, 1});
  counts.add_differences(processed, named({"ip", "locale"}), {0, 2});
  CHECK(report_of(counts).unexpected() == 2);
  CHECK(report_of(counts, "ip").unexpected() == 1);
  CHECK_FALSE(report_of(counts, "ip").is_fine());
  CHECK(report_of(counts, "ip,locale").is_fine());
}

TEST_CASE("where nothing could be compared nothing is shown to be fine") {
  tally counts;
  CHECK_FALSE(report_of(counts).is_fine());
  counts.add(verdict_kind::no_outcome, processed, processed, {0, 1});
  CHECK_FALSE(report_of(counts).is_fine());
  counts.add(verdict_kind::same, processed, processed, {0, 2});
  CHECK(report_of(counts).is_fine());
}

TEST_CASE("without one of the output topics it is not known whether all would end the same") {
  tally counts;
  counts.add(verdict_kind::same, processed, processed, {0, 2});
  auto report = report_of(counts);
  report.missing_topics = {"nope"};
  CHECK_FALSE(report.is_fine());
  CHECK(to_sentence(report) == "there is no topic nope, whose outcomes are not known");
  CHECK(to_json(report).starts_with("{\"verdict\":\"not_known\""));
  report.other_bytes = 1;
  CHECK(to_json(report).starts_with("{\"verdict\":\"different\""));
}

TEST_CASE("values are shown where they were kept, and there only") {
  for (const bool shown : {false, true}) {
    tally counts(shown);
    counts.add_differences(processed, named({"ip"}), {0, 1});
    const auto report = report_of(counts);
    CHECK((to_text(report).find("before") != std::string::npos) == shown);
    CHECK((to_json(report).find("\"before\"") != std::string::npos) == shown);
  }
}

TEST_CASE("what was taken back is in no count and no example") {
  tally counts(true);
  const auto id = counts.add_differences(processed, named({"ip"}), {0, 7});
  counts.add_differences(processed, named({"ip"}), {0, 8});
  counts.take_back(id, {0, 7});
  const auto report = report_of(counts);
  CHECK(report.other_bytes == 1);
  CHECK(to_text(report).find("in/0/7") == std::string::npos);
}

TEST_CASE("tallies of several threads are one") {
  tally first;
  tally second;
  first.add_differences(processed, named({"a", "b"}), {0, 5});
  second.add_differences(processed, named({"c"}), {1, 1});
  second.add_differences(processed, named({"b", "a"}), {1, 2});
  second.add(verdict_kind::same, processed, processed, {1, 3});
  tally all;
  all.merge(first);
  all.merge(second);
  const auto report = report_of(all, "a,b");
  CHECK(report.same == 1);
  CHECK(report.other_bytes == 3);
  CHECK(report.expected == 2);
  REQUIRE(report.parts.size() == 3);
  CHECK(report.parts[0].count == 2);
  CHECK(report.parts[0].examples == std::vector<input_place>{{0, 5}, {1, 2}});
}

TEST_CASE("names beyond the bound are one that is never expected") {
  tally counts;
  std::string expect;
  for (std::size_t i = 0; i <= tally::names_max; ++i) {
    const std::string name = "n" + std::to_string(i);
    counts.add_differences(processed, named({name}), {0, static_cast<std::int64_t>(i)});
    expect += (i > 0 ? "," : "") + name;
  }
  const auto report = report_of(counts, expect);
  CHECK(report.parts.size() <= tally::names_max + 1);
  CHECK(report.unexpected() == 1);
}

TEST_CASE("another key is one line, whatever it changes") {
  tally counts;
  counts.add_differences(processed, {{"header:turnstile-key", "a", "b"}}, {0, 1});
  auto report = report_of(counts);
  report.keyed = {"ip", "device_id"};
  CHECK(
      to_text(report).find("another key, so what depends on it was not compared: ip, device_id") !=
      std::string::npos);
  CHECK_FALSE(report.is_fine());
  CHECK(report_of(counts, "header:turnstile-key").is_fine());
}

}  // namespace turnstile::shadow
