#include "audit/auditor.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;
using testing::model;

void lose_range(model& m, std::int32_t partition, std::int64_t low, std::int64_t high) {
  std::erase_if(m.outputs, [=](const testing::model_output& output) {
    return output.partition == partition && output.source >= low && output.source < high;
  });
}

}  // namespace

TEST_CASE("says which offsets are missing, as ranges") {
  auto broken = good();
  lose_range(broken, 1, 110, 120);
  lose_range(broken, 1, 130, 131);
  const auto report = broken.report();
  CHECK(report.partitions[1].missing.ranges == std::vector<offset_range>{{110, 120}, {130, 131}});
  CHECK(report.counts.missing == 11);
  CHECK(report.partitions[0].missing.ranges.empty());
}

TEST_CASE("says which offsets are repeated, and how many outputs are beyond the first") {
  auto broken = good();
  for (const std::int64_t offset : {120, 121, 122, 121}) {
    broken.outputs.push_back(testing::output_of(2, offset));
  }
  const auto report = broken.report();
  CHECK(report.partitions[2].repeated.ranges == std::vector<offset_range>{{120, 123}});
  CHECK(report.counts.repeated == 3);
  CHECK(report.repeats == 4);
  CHECK(report.order_breaks == 0);
}

TEST_CASE("an offset that never held a record is no loss") {
  auto gaps = good();
  lose_range(gaps, 0, 140, 143);
  lose_range(gaps, 2, 159, 160);
  for (std::int64_t offset = 140; offset < 143; ++offset) gaps.no_records.insert({0, offset});
  gaps.no_records.insert({2, 159});
  gaps.committed[2] = 159;
  gaps.summaries.clear();
  gaps.stopped = false;
  auto report = gaps.report();
  CHECK(report.verdict() == verdict::exactly_once);
  CHECK(report.counts.no_record == 4);
  CHECK(report.counts.inputs() == 176);
  gaps.stopped = true;
  report = gaps.report();
  CHECK(report.faults.count(fault::commit_behind) == 0);
}

TEST_CASE("a loss beside an offset without a record is a loss") {
  auto gaps = good();
  lose_range(gaps, 0, 140, 143);
  gaps.no_records.insert({0, 140});
  gaps.no_records.insert({0, 142});
  CHECK(gaps.report().partitions[0].missing.ranges == std::vector<offset_range>{{141, 142}});
}

TEST_CASE("what retention removed from an output topic makes its inputs unknown, not missing") {
  auto old = good();
  lose_range(old, 1, 100, 120);
  old.begin_late = {{fate::processed, 1}, {fate::error, 1}, {fate::cleaned, 1}};
  old.stopped = false;
  const auto report = old.report();
  CHECK(report.verdict() == verdict::not_known);
  CHECK(report.counts.missing == 0);
  CHECK(report.partitions[1].unknown.ranges == std::vector<offset_range>{{100, 120}});
  CHECK(report.summaries.windows_not_compared > 0);
  CHECK(report.faults.total() == 0);
}

TEST_CASE("a loss behind what retention removed is a loss") {
  auto old = good();
  lose_range(old, 1, 100, 120);
  lose_range(old, 1, 130, 132);
  old.begin_late = {{fate::processed, 1}, {fate::error, 1}, {fate::cleaned, 1}};
  const auto report = old.report();
  CHECK(report.partitions[1].missing.ranges == std::vector<offset_range>{{130, 132}});
  CHECK(report.verdict() == verdict::faults);
}

TEST_CASE("retention in the output partition of another input partition excuses nothing") {
  auto old = good();
  lose_range(old, 1, 100, 120);
  old.begin_late = {{fate::processed, 0}};
  CHECK(old.report().counts.missing == 20);
}

TEST_CASE(
    "an output topic that is empty after retention makes every input without output unknown") {
  auto old = good();
  std::erase_if(old.outputs, [](const testing::model_output& o) { return o.where == fate::error; });
  for (std::int32_t p = 0; p < testing::partitions; ++p) old.begin_late.insert({fate::error, p});
  const auto report = old.report();
  CHECK(report.counts.missing == 0);
  CHECK(report.counts.unknown > 10);
}

TEST_CASE("a compacted output topic makes inputs without output unknown") {
  auto old = good();
  old.remove(fate::processed);
  old.compacted = {fate::processed};
  const auto report = old.report();
  CHECK(report.counts.unknown == 1);
  CHECK(report.counts.missing == 0);
}

TEST_CASE("an output partition that could not be read to its end makes what follows unknown") {
  auto open = good();
  lose_range(open, 1, 150, 160);
  open.end_early = {{fate::processed, 1}};
  CHECK(open.report().counts.unknown == 10);
  open.end_early.clear();
  CHECK(open.report().counts.missing == 10);
}

TEST_CASE("inputs that retention removed before they could be looked for are unknown") {
  auto old = good();
  lose_range(old, 1, 110, 120);
  old.removed_below[1] = 115;
  const auto report = old.report();
  CHECK(report.partitions[1].unknown.ranges == std::vector<offset_range>{{110, 115}});
  CHECK(report.partitions[1].missing.ranges == std::vector<offset_range>{{115, 120}});
}

TEST_CASE("inputs that were removed before anybody read them are unknown and counted") {
  auto late = good();
  late.begins_with_log = {0, 1, 2};
  auto report = late.report();
  CHECK(report.verdict() == verdict::not_known);
  CHECK(report.counts.unknown == 300);
  CHECK(report.removed == 300);
  CHECK(report.partitions[1].unknown.ranges == std::vector<offset_range>{{0, 100}});
  CHECK(report.faults.total() == 0);
  // Were outputs removed too, nothing tells what became of what came before them.
  for (const fate where : output_fates) {
    for (std::int32_t p = 0; p < testing::partitions; ++p) late.begin_late.insert({where, p});
  }
  report = late.report();
  CHECK(report.verdict() == verdict::exactly_once);
  CHECK(report.counts.inputs() == 180);
}

TEST_CASE("removed inputs with an output or in a summary are none that nobody read") {
  auto old = good();
  for (std::int32_t p = 0; p < testing::partitions; ++p) old.starts[p] = 140;
  old.stopped = false;
  old.begins_with_log = {1};
  for (const fate where : output_fates) old.begin_late.insert({where, 1});
  CHECK(old.report().verdict() == verdict::exactly_once);
  lose_range(old, 1, 120, 130);
  CHECK(old.report().verdict() == verdict::exactly_once);
  old.summaries.clear();
  const auto report = old.report();
  CHECK(report.removed == 10);
  CHECK(report.partitions[1].unknown.ranges == std::vector<offset_range>{{120, 130}});
}

TEST_CASE("a hole between what summaries cover is unknown, also where outputs no longer tell") {
  auto old = good();
  for (std::int32_t p = 0; p < testing::partitions; ++p) old.starts[p] = 140;
  old.stopped = false;
  old.begins_with_log = {1};
  for (const fate where : output_fates) old.begin_late.insert({where, 1});
  lose_range(old, 1, 100, 140);
  CHECK(old.report().verdict() == verdict::exactly_once);
  for (auto& summary : old.summaries) {
    for (auto& range : summary.covers[1]) {
      if (range.low <= 120 && 120 < range.high) range.high = 120;
    }
  }
  const auto holes = old.report().partitions[1].unknown.ranges;
  REQUIRE(holes.size() == 1);
  CHECK(holes.front().low == 120);
  CHECK(holes.front().high < 140);
}

TEST_CASE("what was removed above the committed offset is unknown") {
  auto old = good();
  for (std::int32_t p = 0; p < testing::partitions; ++p) old.starts[p] = 140;
  old.stopped = false;
  old.summaries.clear();
  old.begins_with_log = {1};
  for (const fate where : output_fates) old.begin_late.insert({where, 1});
  lose_range(old, 1, 100, 160);
  old.committed[1] = 130;
  CHECK(old.report().partitions[1].unknown.ranges.front() == offset_range{130, 140});
  old.with_group = false;
  CHECK(old.report().removed == 0);
}

TEST_CASE("without any input nothing is shown, so nothing is well") {
  auto none = good();
  none.outputs.clear();
  none.summaries.clear();
  none.stopped = false;
  for (std::int32_t p = 0; p < testing::partitions; ++p) none.starts[p] = testing::last_end;
  none.with_group = false;
  auto report = none.report();
  CHECK(report.counts.inputs() == 0);
  CHECK(report.verdict() == verdict::not_known);
  CHECK(to_sentence(report) == "no input that was asked for is left, so nothing is shown");
  report.moving = true;
  CHECK(report.verdict() == verdict::exactly_once);
}

TEST_CASE("inputs above the committed offset wait; they are neither fine nor missing") {
  auto live = good();
  lose_range(live, 1, 150, 160);
  live.committed[1] = 150;
  live.stopped = false;
  live.summaries.clear();
  const auto report = live.report();
  CHECK(report.partitions[1].waiting.ranges == std::vector<offset_range>{{150, 160}});
  CHECK(report.verdict() == verdict::not_known);
  CHECK(report.faults.total() == 0);
}

TEST_CASE("without a group nothing waits: an input without output is missing") {
  auto live = good();
  lose_range(live, 1, 150, 160);
  live.with_group = false;
  CHECK(live.report().counts.missing == 10);
}

TEST_CASE("a commit behind what is written is a fault only once all workers have stopped") {
  auto live = good();
  live.committed[0] = 120;
  CHECK(live.report().faults.count(fault::commit_behind) == 1);
  live.stopped = false;
  CHECK(live.report().verdict() == verdict::exactly_once);
}

TEST_CASE("what a killed worker left uncovered is a figure, not a fault") {
  auto killed = good();
  const auto lost = killed.summaries.back();
  killed.summaries.pop_back();
  killed.stopped = false;
  const auto report = killed.report();
  CHECK(report.faults.total() == 0);
  std::int64_t offsets = 0;
  for (const auto& [partition, ranges] : lost.covers) {
    for (const auto& range : ranges) offsets += range.size();
  }
  REQUIRE(offsets > 0);
  CHECK(report.summaries.uncovered == offsets);
  CHECK_FALSE(report.partitions[2].uncovered.ranges.empty());
}

TEST_CASE("what was written twice may be counted twice") {
  auto repeated = good();
  auto again = repeated.summaries[0];
  again.worker = again.key = "w-2";
  repeated.summaries.push_back(again);
  const auto range = again.covers.at(0).front();
  for (auto offset = range.low; offset < range.high; ++offset) {
    repeated.outputs.push_back(testing::output_of(0, offset));
  }
  const auto report = repeated.report();
  CHECK(report.faults.count(fault::summary_overlap) == 0);
  CHECK(report.summaries.covered_again == range.size());
  CHECK(report.faults.count(fault::repeated) == range.size());
}

TEST_CASE("summaries of several workers and restarts add up") {
  auto fleet = good();
  for (std::size_t n = 4; n < fleet.summaries.size(); ++n) {
    auto& later = fleet.summaries[n];
    later.worker = later.key = "w-2";
    later.sequence -= 4;
    for (auto& [name, count] : later.total) {
      const auto before = fleet.summaries[3].total.find(name);
      if (before != fleet.summaries[3].total.end()) count -= before->second;
    }
  }
  const auto report = fleet.report();
  CHECK(report.summaries.workers == 2);
  CHECK(report.summaries.uncovered == 0);
  CHECK(report.verdict() == verdict::exactly_once);
}

TEST_CASE("a worker whose first summaries are gone by retention is taken from its first one on") {
  auto old = good();
  old.summaries.erase(old.summaries.begin(), old.summaries.begin() + 3);
  old.summaries_begin_late = true;
  CHECK(old.report().verdict() == verdict::exactly_once);
  old.summaries.erase(old.summaries.begin() + 1);
  CHECK(old.report().faults.count(fault::summary_sequence) == 1);
}

TEST_CASE("a summary may stand for several multiples where it says so, and only there") {
  auto waited = good();
  auto& whole = waited.summaries[2];
  const auto& left_out = waited.summaries[1];
  for (const auto& [name, count] : left_out.window) whole.window[name] += count;
  for (const auto& [partition, ranges] : left_out.covers)
    whole.covers[partition].insert(whole.covers[partition].begin(), ranges.begin(), ranges.end());
  waited.summaries.erase(waited.summaries.begin() + 1);
  for (std::size_t n = 1; n < waited.summaries.size(); ++n) --waited.summaries[n].sequence;
  CHECK(waited.report().faults.count(fault::summary_moment) > 0);
  waited.summaries[1].multiples = 2;
  CHECK(waited.report().verdict() == verdict::exactly_once);
  waited.summaries[1].multiples = 3;
  CHECK(waited.report().faults.count(fault::summary_moment) > 0);
}

TEST_CASE("outputs of inputs before the audited range are left out and counted") {
  auto part = good();
  for (std::int32_t p = 0; p < testing::partitions; ++p) part.starts[p] = 140;
  part.stopped = false;
  const auto report = part.report();
  CHECK(report.verdict() == verdict::exactly_once);
  CHECK(report.counts.inputs() == 60);
  CHECK(report.outside == 120);
}

TEST_CASE("with fewer output partitions outputs belong where their key says") {
  auto few = good();
  few.layout.partitions = {1, 1, 1, 1};
  for (auto& output : few.outputs) output.partition = 0;
  few.stopped = false;
  const auto report = few.report();
  CHECK(report.verdict() == verdict::exactly_once);
}

TEST_CASE("errors are counted by reason, each input once") {
  auto some = good();
  some.set_header(fate::error, "turnstile-reason", "tombstone");
  some.outputs.push_back(some.at(fate::error));
  const auto report = some.report();
  CHECK(report.reasons[static_cast<std::size_t>(core::reason::tombstone)] == 1);
  CHECK(report.reasons[static_cast<std::size_t>(core::reason::missing_fields)] ==
        report.counts.of(fate::error) - 1);
}

TEST_CASE("in which of two topics an input is counted does not depend on which is read first") {
  auto one = good();
  auto other = one.at(fate::processed);
  other.where = fate::cleaned;
  auto two = one;
  one.outputs.push_back(other);
  two.outputs.insert(two.outputs.begin(), other);
  CHECK(one.report().counts.by_fate == two.report().counts.by_fate);
}

TEST_CASE("a commit above the same unwritten offset is told once, however often it is looked at") {
  auditor audited{{"user-login", {}, 0, false}, {0}};
  audited.extend(0, 10, 10);
  audited.settle_record(0, 4);
  for (int n = 0; n < 3; ++n) audited.check_commit(0, 7);
  CHECK(audited.faults().count(fault::commit_ahead) == 1);
}

}  // namespace turnstile::audit
