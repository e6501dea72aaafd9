// Summaries: at exactly every thousandth processed record, with windows that add up and covers that
// say which inputs they counted.
#include <map>
#include <set>

#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

// Batches that do not divide a thousand: each thousandth record falls within one.
const prepared_worker worker{{.name = "summary", .partitions = 4, .adjust = [](core::settings& s) {
                                s.batch.records_max = 37;
                              }}};

constexpr std::size_t count_each = 900;

std::vector<input> mixed_inputs() {
  std::vector<input> inputs;
  for (std::size_t i = 0; i < count_each * 4; ++i) {
    login_event event;
    event.device_type = i % 2 == 0 ? R"("iOS")" : R"("android")";
    if (i % 20 == 7) event.app_version = R"("1.9.9")";
    if (i % 25 == 3) event.locale = "";
    inputs.push_back({.value = event.text(), .partition = static_cast<std::int32_t>(i % 4)});
  }
  return inputs;
}

using place = std::pair<std::int32_t, std::int64_t>;  // Source partition, offset.

/// What one summary says it covers, each place once.
std::set<place> covered(const rapidjson::Value& summary) {
  std::set<place> places;
  for (const auto& [partition, ranges] : summary["covers"]["summary.user-login"].GetObject())
    for (const auto& range : ranges.GetArray())
      for (auto at = range[0].GetInt64(); at < range[1].GetInt64(); ++at)
        CHECK(places.insert({std::stoi(partition.GetString()), at}).second);
  return places;
}

std::int64_t count_in(const std::vector<kept_record>& records, const std::set<place>& places) {
  return std::count_if(records.begin(), records.end(), [&](const auto& record) {
    return places.contains({record.partition, origin_of(record)});
  });
}

void check_window(const rapidjson::Value& summary, const written& out) {
  const auto& window = summary["window"];
  const auto places = covered(summary);
  CHECK(number_of(window, "received_count") == static_cast<std::int64_t>(places.size()));
  CHECK(number_of(window, "processed_count") == count_in(out.processed, places));
  CHECK(number_of(window, "filtered_record_count") == count_in(out.cleaned, places));
  CHECK(number_of(window, "error_count") == count_in(out.errors, places));
}

TEST_CASE("summaries come at exactly 1000, 2000, 3000 processed, and one at the stop") {
  auto out = worker->process(mixed_inputs());
  REQUIRE(worker->stop() == 0);
  for (auto& last : worker->read_new().summaries) out.summaries.push_back(std::move(last));
  // The last window is short: what is left of the processed ones.
  REQUIRE(out.processed.size() > 3000);
  REQUIRE(out.processed.size() < 4000);
  REQUIRE(out.summaries.size() == 4);

  std::map<std::string, std::int64_t> sums;
  std::set<place> all_covered;
  for (std::size_t i = 0; i < out.summaries.size(); ++i) {
    const auto summary = json_of(out.summaries[i]);
    CAPTURE(i);
    CHECK(number_of(summary, "sequence") == static_cast<std::int64_t>(i + 1));
    const auto total = i < 3 ? 1000 * (i + 1) : out.processed.size();
    CHECK(number_of(summary, "processed_count") == static_cast<std::int64_t>(total));
    check_window(summary, out);
    for (const auto* name :
         {"processed_count", "filtered_record_count", "error_count", "received_count"}) {
      sums[name] += number_of(summary["window"], name);
      CHECK(number_of(summary, name) == sums[name]);
    }
    for (const auto* name : {"iOS", "android"}) {
      sums[name] += number_of(summary["window"]["device_type_counts"], name);
      CHECK(number_of(summary["device_type_counts"], name) == sums[name]);
    }
    for (const auto& one : covered(summary)) CHECK(all_covered.insert(one).second);
  }
  CHECK(all_covered.size() == count_each * 4);
  CHECK(sums["processed_count"] == static_cast<std::int64_t>(out.processed.size()));
  CHECK(sums["filtered_record_count"] == static_cast<std::int64_t>(out.cleaned.size()));
  CHECK(sums["error_count"] == static_cast<std::int64_t>(out.errors.size()));
  CHECK(sums["iOS"] + sums["android"] == sums["processed_count"]);
}

}  // namespace
}  // namespace turnstile::tests
