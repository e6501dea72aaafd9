#include "figures/prometheus_text.hpp"

#include <ctime>
#include <memory>
#include <sstream>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "figures/families.hpp"
#include "figures/status_json.hpp"

using namespace turnstile;

namespace {

struct fixture {
  figures::registry all{2, 2};
  figures::exposition how{.topic = "in \"quotes\"", .partitions_max = 2};

  [[nodiscard]] std::string text() const { return figures::prometheus_text(all, how); }
  [[nodiscard]] bool has_line(const std::string& line) const {
    return ("\n" + text()).find("\n" + line + "\n") != std::string::npos;
  }
  std::shared_ptr<core::partition_figures> open(std::int32_t number, std::int64_t lag) {
    const auto one = std::make_shared<core::partition_figures>(core::partition_epoch{number, 1});
    one->committed.set(0);
    one->position.set(0);
    one->end.set(lag);
    one->end_told_ms.set(figures::now().steady_ms);
    all.open(one);
    return one;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "each family has its help and its type once, before its series") {
  std::istringstream lines{text()};
  std::string line;
  std::string family;
  std::vector<std::string> families;
  while (std::getline(lines, line)) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(std::ranges::count(families, family) == 0);
      families.push_back(family);
      std::getline(lines, line);
      CHECK(line.starts_with("# TYPE " + family + " "));
      continue;
    }
    CHECK(line.starts_with(family));
  }
  CHECK(families.size() > 30);
}

TEST_CASE_FIXTURE(fixture, "what several actors count is added up, or told for each") {
  all.producers[0]->possible_repeats.add(2);
  all.producers[1]->possible_repeats.add(3);
  all.producers[1]->queued.set(4);
  all.transformers[1]->busy_us.add(2'500'000);
  CHECK(has_line("turnstile_possible_repeats_total{cause=\"delivery\"} 5"));
  CHECK(has_line("turnstile_producer_queued_records{producer=\"0\"} 0"));
  CHECK(has_line("turnstile_producer_queued_records{producer=\"1\"} 4"));
  CHECK(has_line("turnstile_actor_busy_seconds_total{index=\"1\",actor=\"transformer\"} 2.5"));
}

TEST_CASE_FIXTURE(fixture, "a histogram is cumulative, in seconds, and has its sum") {
  all.producers[0]->acknowledgement.record(900, 3);
  all.producers[1]->acknowledgement.record(3'000'000, 1);
  CHECK(has_line("turnstile_acknowledgement_seconds_bucket{le=\"0.000512\"} 0"));
  CHECK(has_line("turnstile_acknowledgement_seconds_bucket{le=\"0.001024\"} 3"));
  CHECK(has_line("turnstile_acknowledgement_seconds_bucket{le=\"4.194304\"} 4"));
  CHECK(has_line("turnstile_acknowledgement_seconds_bucket{le=\"+Inf\"} 4"));
  CHECK(has_line("turnstile_acknowledgement_seconds_sum 3.0027"));
  CHECK(has_line("turnstile_acknowledgement_seconds_count 4"));
}

TEST_CASE_FIXTURE(fixture, "a state is 1 for the one that is, 0 for the others") {
  all.worker->phase.set(core::worker_phase::draining);
  CHECK(has_line("turnstile_state{state=\"draining\"} 1"));
  CHECK(has_line("turnstile_state{state=\"running\"} 0"));
}

TEST_CASE_FIXTURE(fixture, "what is not known has no series") {
  CHECK(text().find("turnstile_last_commit_timestamp_seconds ") == std::string::npos);
  all.group->last_commit_ms.set(1'500);
  CHECK(has_line("turnstile_last_commit_timestamp_seconds 1.5"));
}

TEST_CASE_FIXTURE(fixture,
                  "exactly as many partitions as have series of their own leave no other") {
  open(0, 1);
  open(1, 1);
  CHECK(text().find("other") == std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "above that those with most lag are named, and the others are one") {
  for (std::int32_t number = 0; number < 5; ++number) open(number, 10 * number)->records.add(1);
  const std::string topic = "turnstile_lag_records{topic=\"in \\\"quotes\\\"\",partition=";
  CHECK(has_line(topic + "\"4\"} 40"));
  CHECK(has_line(topic + "\"3\"} 30"));
  CHECK(has_line(topic + "\"other\"} 30"));
  CHECK(text().find("partition=\"2\"") == std::string::npos);
  CHECK(
      text().find("turnstile_committed_offset{topic=\"in \\\"quotes\\\"\",partition=\"other\"}") ==
      std::string::npos);
  CHECK(has_line("turnstile_read_records_total 5"));
}

TEST_CASE_FIXTURE(fixture, "what was read does not fall when a partition is given back") {
  open(0, 1)->records.add(5);
  open(1, 1)->records.add(6);
  all.close({0, 1});
  CHECK(has_line("turnstile_read_records_total 11"));
  all.close({1, 1});
  CHECK(has_line("turnstile_read_records_total 11"));
  CHECK(has_line("turnstile_record_bytes_total{direction=\"in\"} 0"));
}

TEST_CASE_FIXTURE(fixture,
                  "the partition consumers' work is told as one, and does not fall either") {
  open(0, 1)->busy_us.add(500'000);
  open(1, 1)->busy_us.add(1'000'000);
  const std::string all_of_them =
      "turnstile_actor_busy_seconds_total{actor=\"partition_consumer\"} 1.5";
  CHECK(has_line(all_of_them));
  all.close({0, 1});
  CHECK(has_line(all_of_them));
}

TEST_CASE_FIXTURE(fixture, "a thousand partitions take no more than 64 do and one") {
  how.partitions_max = 64;
  for (std::int32_t number = 0; number < 1000; ++number) open(number, 1'000'000'000'000);
  CHECK(text().size() < 64 * 1024);
}

TEST_CASE_FIXTURE(fixture, "the status is JSON, with the names of the log") {
  how.facts = {{&figures::families::build_info, {{"version", "1"}}}};
  open(3, 5);
  all.error_router->by_reason[0].add(2);
  rapidjson::Document status;
  status.Parse(figures::status_json(all, how).c_str());
  REQUIRE_FALSE(status.HasParseError());
  CHECK(status["live"].GetBool());
  CHECK_FALSE(status["ready"].GetBool());
  CHECK(status["facts"]["version"] == "1");
  CHECK(status["partitions"][0]["partition"] == "3");
  CHECK(status["partitions"][0]["lag_records"].GetInt() == 5);
  bool seen = false;
  for (const auto& actor : status["actors"].GetArray())
    if (actor["actor"] == "error_router") seen = actor[core::reason_names[0].data()].GetInt() == 2;
  CHECK(seen);
}

TEST_CASE_FIXTURE(fixture, "a scrape of a thousand partitions takes little of a processor's time") {
  how.partitions_max = 64;
  for (std::int32_t number = 0; number < 1000; ++number) open(number, number);
  const auto begin = std::clock();
  const auto size = text().size();
  const auto took = std::clock() - begin;
  CHECK(size < 300 * 1024);
#ifdef __SANITIZE_ADDRESS__
  static_cast<void>(took);  // Its checks take most of it.
#else
  CHECK(took < CLOCKS_PER_SEC / 20);
#endif
}
