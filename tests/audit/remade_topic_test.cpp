// The input topic was deleted and created again: the same offsets, other inputs.
#include <doctest/doctest.h>

#include "audit/origin.hpp"
#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;
using testing::model;

constexpr auto origin_timestamp = "turnstile-origin-timestamp";

/// In partition 1 the outputs below `upto` are of an earlier topic.
model remade(std::int64_t upto) {
  auto made = good();
  made.stopped = false;
  made.remade = {1};
  for (auto& output : made.outputs) {
    if (output.partition != 1 || output.source >= upto) continue;
    for (auto& [name, value] : output.headers) {
      if (name == origin_timestamp) value = std::to_string(testing::time_of(output.source) - 1000);
    }
  }
  return made;
}

auditor fed(const model& from) {
  auditor audited{{"user-login", from.layout, testing::every, false}, {100, 100, 100}};
  for (std::int32_t p = 0; p < testing::partitions; ++p) audited.extend(p, 160, 160);
  for (const auto& output : from.outputs) {
    std::vector<core::header_view> headers;
    for (const auto& [name, value] : output.headers) headers.push_back({name, value});
    audited.add_output({output.where, output.partition, 0, "key", headers});
  }
  return audited;
}

}  // namespace

TEST_CASE("outputs of an earlier topic are no outcome of the new inputs") {
  const auto report = remade(120).report();
  CHECK(report.earlier == 20);
  CHECK(report.counts.missing == 20);
  CHECK(report.partitions[1].missing.ranges == std::vector<offset_range>{{100, 120}});
  CHECK(report.verdict() == verdict::faults);
}

TEST_CASE("nor repeats, once the new inputs have outputs of their own") {
  auto both = remade(120);
  for (std::int64_t offset = 100; offset < 120; ++offset) {
    both.outputs.push_back(testing::output_of(1, offset));
  }
  const auto report = both.report();
  CHECK(report.earlier == 20);
  CHECK(report.repeats == 0);
  CHECK(report.counts.inputs() == 180);
  CHECK(report.faults.count(fault::missing) == 0);
}

TEST_CASE("what lies beyond the new end is of the earlier topic where it is older, else of none") {
  auto longer = remade(160);
  longer.outputs.push_back(testing::output_of(1, 165));
  longer.set_header(fate::processed, "turnstile-origin", "user-login/1/170");
  const auto report = longer.report();
  CHECK(report.faults.count(fault::foreign) == 1);
  CHECK(report.earlier == 60);
}

TEST_CASE("outputs of earlier versions, which tell no timestamp, stay valid") {
  auto old = remade(100);
  for (auto& output : old.outputs) {
    std::erase_if(output.headers, [](const auto& h) { return h.first == origin_timestamp; });
  }
  const auto report = old.report();
  CHECK(report.earlier == 0);
  CHECK(report.counts.missing == 0);
  CHECK(report.verdict() == verdict::exactly_once);
}

TEST_CASE("outputs of removed inputs that are older than all inputs tell nothing of the new ones") {
  auto old = remade(120);
  old.starts[1] = 120;
  old.begins_with_log = {1};
  const auto report = old.report();
  CHECK(report.earlier == 20);
  CHECK(report.partitions[1].unknown.ranges == std::vector<offset_range>{{0, 120}});
}

TEST_CASE("summaries tell nothing of a topic that was made anew") {
  const auto report = remade(100).report();
  CHECK(report.summaries.windows_not_compared > 0);
  CHECK(report.faults.total() == 0);
  CHECK(report.summaries.uncovered == 0);
}

TEST_CASE("the first output of each output partition that can be compared is a sample") {
  auto from = remade(120);
  auto audited = fed(from);
  const auto samples = audited.samples(1);
  REQUIRE(samples.size() == 3);
  for (const auto& sample : samples) {
    CHECK(sample.offset < 120);
    CHECK(sample.timestamp_ms == testing::time_of(sample.offset) - 1000);
  }
  CHECK(audited.sample_beyond(1).offset == -1);
  from.outputs = {testing::output_of(1, 170)};
  CHECK(fed(from).sample_beyond(1).offset == 170);
}

TEST_CASE("a later round takes samples of repeats only") {
  const auto from = good();
  auto audited = fed(from);
  audited.sample_repeats();
  CHECK(audited.samples(1).empty());
  const auto again = testing::output_of(1, 130);
  std::vector<core::header_view> headers;
  for (const auto& [name, value] : again.headers) headers.push_back({name, value});
  audited.add_output({again.where, 1, 0, "key", headers});
  REQUIRE(audited.samples(1).size() == 1);
  CHECK(audited.samples(1).front().offset == 130);
}

TEST_CASE("a timestamp that is no number, or there twice, is none") {
  const auto time = [](std::vector<core::header_view> headers) { return origin_time(headers); };
  CHECK(time({{origin_timestamp, "17"}}) == 17);
  CHECK_FALSE(time({{origin_timestamp, "-1"}}));
  CHECK_FALSE(time({{origin_timestamp, ""}}));
  CHECK_FALSE(time({{origin_timestamp, "17x"}}));
  CHECK_FALSE(time({{origin_timestamp, std::nullopt}}));
  CHECK_FALSE(time({{origin_timestamp, "17"}, {origin_timestamp, "17"}}));
  CHECK_FALSE(time({}));
}

}  // namespace turnstile::audit
