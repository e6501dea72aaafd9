#include "figures/status_json.hpp"

#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "figures/summary_digest.hpp"

using namespace turnstile;

namespace {

struct fixture {
  figures::registry all{1, 1};
  figures::exposition how{.topic = "in", .partitions_max = 2};
  figures::history past;

  [[nodiscard]] rapidjson::Document status(bool with_past = false) const {
    rapidjson::Document read;
    read.Parse(figures::status_json(all, how, with_past ? &past : nullptr).c_str());
    REQUIRE_FALSE(read.HasParseError());
    return read;
  }
  std::shared_ptr<core::partition_figures> open(std::int32_t number) {
    const auto one = std::make_shared<core::partition_figures>(core::partition_epoch{number, 1});
    all.open(one);
    return one;
  }
  void summarise(const std::string& value) {
    const auto batch = std::make_shared<core::record_batch>();
    batch->outputs.emplace_back().value = batch->memory.copy(value);
    all.summary->last.keep(batch);
  }
};

rapidjson::Document digest(const std::string& summary) {
  rapidjson::Document read;
  read.Parse(figures::summary_digest(summary).c_str());
  REQUIRE_FALSE(read.HasParseError());
  return read;
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "the status has what was told of the start as it is") {
  CHECK_FALSE(status().HasMember("about"));
  how.about = R"({"worker":"w-1"})";
  CHECK(status()["about"]["worker"] == "w-1");
}

TEST_CASE_FIXTURE(fixture,
                  "for how long all leaders are silent is known once one has told its end") {
  CHECK(status()["leaders_silent_s"].IsNull());
  const auto one = open(0);
  CHECK(status()["leaders_silent_s"].IsNull());
  one->end.set(5);
  one->end_told_ms.set(figures::now().steady_ms - 9000);
  const auto other = open(1);
  other->end.set(5);
  other->end_told_ms.set(figures::now().steady_ms - 7000);
  const double silent = status()["leaders_silent_s"].GetDouble();
  CHECK(silent >= 7.0);
  CHECK(silent < 8.0);
}

TEST_CASE_FIXTURE(fixture, "a partition stands still while it has lag, since its last commit") {
  const auto one = open(0);
  const auto now = figures::now();
  one->committed.set(5);
  one->moved_ms.set(now.steady_ms - 60'000);
  one->oldest_timestamp_ms.set(now.wall_ms - 3'600'000);
  const auto standstill = [&](std::int64_t end) {
    one->end.set(end);
    one->end_told_ms.set(figures::now().steady_ms);
    return status()["partitions"][0]["turnstile_standstill_seconds"].GetDouble();
  };
  CHECK(standstill(5) == 0);
  CHECK(standstill(6) >= 60);
  CHECK(standstill(6) < 65);
  one->oldest_timestamp_ms.set(now.wall_ms - 2'000);
  CHECK(standstill(6) < 10);
  one->end_told_ms.set(0);
  CHECK(status()["partitions"][0]["turnstile_standstill_seconds"].IsNull());
}

TEST_CASE_FIXTURE(fixture, "times have their buckets, so that a reader can tell those of late") {
  all.summary->end_to_end.record(900, 3);
  all.summary->end_to_end.record(3'000'000, 1);
  const auto told = status();
  for (const auto& actor : told["actors"].GetArray()) {
    if (actor["actor"] != "summary") continue;
    const auto& times = actor["turnstile_end_to_end_seconds"];
    CHECK(times["count"].GetInt() == 4);
    REQUIRE(times["buckets"].Size() == 2);
    CHECK(times["buckets"][0][1].GetInt() == 3);
    CHECK(times["buckets"][0][0].GetDouble() == doctest::Approx(0.001024));
  }
}

TEST_CASE_FIXTURE(fixture, "the past is told where it is asked for, and is bounded") {
  const auto& counted = *all.summary;
  for (std::size_t i = 0; i < figures::history::samples_max + 20; ++i) {
    all.summary->failed.add(1);
    all.error_router->by_reason[1].add(2);
    past.note(all, {.steady_ms = 0, .wall_ms = static_cast<std::int64_t>(i)});
  }
  CHECK_FALSE(status().HasMember("history"));
  const auto told = status(true);
  const auto& failed = told["history"]["failed"];
  REQUIRE(failed.Size() == figures::history::samples_max);
  CHECK(failed[0].GetInt64() == 21);
  CHECK(failed[failed.Size() - 1].GetInt64() == counted.failed.get());
  const auto& reasons = told["history"]["reasons"];
  CHECK(reasons.MemberCount() == 1);
  CHECK(reasons[core::reason_names[1].data()].Size() == failed.Size());
}

TEST_CASE_FIXTURE(fixture, "the last summary is told with the values that occur most") {
  CHECK(status()["last_summary"].IsNull());
  summarise(
      R"({"processed_count":7,"locale_counts":{"KS":3,"US":4},"covers":{"in":{"0":[[0,7]]}}})");
  const auto told = status();
  CHECK(told["last_summary"]["processed_count"].GetInt() == 7);
  CHECK(told["last_summary"]["counts"]["locale_counts"]["values"][0][0] == "US");
  CHECK_FALSE(told["last_summary"].HasMember("covers"));
}

TEST_CASE("a digest names eight values of a field, and counts the others") {
  std::string counts;
  for (int i = 1; i <= 10; ++i)
    counts += (i > 1 ? ",\"v" : "\"v") + std::to_string(i) + "\":" + std::to_string(i);
  const auto read = digest("{\"a_counts\":{" + counts + "},\"window\":{\"a_counts\":{}}}");
  const auto& field = read["counts"]["a_counts"];
  CHECK(field["values"].Size() == figures::digest_values_max);
  CHECK(field["values"][0][1].GetInt() == 10);
  CHECK(field["others"].GetInt() == 3);
  CHECK(field["other_values"].GetInt() == 2);
}

TEST_CASE("a digest names sixteen fields at most") {
  std::string fields;
  for (int i = 0; i < 20; ++i)
    fields += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "_counts\":{\"a\":1}";
  CHECK(digest("{" + fields + "}")["counts"].MemberCount() == figures::digest_fields_max);
}

TEST_CASE("what is no summary has no digest") {
  for (const auto* text : {"", "[]", "{", "null"}) CHECK(figures::summary_digest(text) == "null");
}
