#include <doctest/doctest.h>

#include "audit/auditor.hpp"
#include "audit/origin.hpp"
#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;
using testing::model;

constexpr std::int32_t partition = 1;

/// The offset of the input whose error record is the nth.
std::int64_t failed_offset(const model& from, std::size_t nth) {
  return from.outputs[from.find(fate::error, nth)].source;
}

/// A redrive's output; a header by that name of no redrive makes it one of a worker.
testing::model_output redone(std::int64_t offset, fate where,
                             const std::string& header = "processed-errors/1/7") {
  auto output = testing::output_of(partition, offset);
  output.where = where;
  std::erase_if(output.headers, [](const auto& one) { return one.first == "turnstile-reason"; });
  output.headers.emplace_back("turnstile-redrive", header);
  output.headers.emplace_back("turnstile-attempts", "1");
  return output;
}

}  // namespace

TEST_CASE("an error that was redriven counts as what it became, and is no fault") {
  for (const fate where : {fate::processed, fate::cleaned}) {
    for (const bool first : {false, true}) {
      CAPTURE(first);
      auto redriven = good();
      const auto before = redriven.report();
      const auto output = redone(failed_offset(redriven, 0), where);
      // The topics are read side by side, so that the error record may come last.
      redriven.outputs.insert(first ? redriven.outputs.begin() : redriven.outputs.end(), output);
      const auto report = redriven.report();
      CHECK(report.verdict() == verdict::exactly_once);
      CHECK(report.faults.total() == 0);
      CHECK(report.order_breaks == 0);
      CHECK(report.repeats == 0);
      CHECK(report.counts.redriven == 1);
      CHECK(report.partitions[partition].counts.redriven == 1);
      CHECK(report.counts.inputs() == before.counts.inputs());
      CHECK(report.counts.of(fate::error) == before.counts.of(fate::error) - 1);
      CHECK(report.counts.of(where) == before.counts.of(where) + 1);
      CHECK(report.summaries.windows_compared == before.summaries.windows_compared);
    }
  }
}

TEST_CASE("twice redriven is a fault, and so is a redrive of what had ended well") {
  auto twice = good();
  const std::int64_t failed = failed_offset(twice, 0);
  for (int n = 0; n < 2; ++n) twice.outputs.push_back(redone(failed, fate::processed));
  CHECK(twice.report().faults.count(fault::repeated) == 1);
  CHECK(twice.report().counts.repeated == 1);
  CHECK(twice.report().counts.redriven == 1);
  auto elsewhere = good();
  elsewhere.outputs.push_back(redone(failed, fate::processed));
  elsewhere.outputs.push_back(redone(failed, fate::cleaned));
  CHECK(elsewhere.report().faults.count(fault::two_fates) == 1);
  for (const bool first : {false, true}) {
    auto well = good();
    const auto output = redone(well.outputs[well.find(fate::processed, 0)].source, fate::processed);
    well.outputs.insert(first ? well.outputs.begin() : well.outputs.end(), output);
    CHECK(well.report().faults.count(fault::repeated) == 1);
    CHECK(well.report().counts.repeated == 1);
  }
}

TEST_CASE("two error records of an input that was redriven are a repeat") {
  auto twice = good();
  const auto error = twice.outputs[twice.find(fate::error, 0)];
  twice.outputs.push_back(redone(error.source, fate::processed));
  twice.outputs.push_back(error);
  CHECK(twice.report().faults.count(fault::repeated) == 1);
  CHECK(twice.report().counts.repeated == 1);
}

TEST_CASE("a missing input that was redriven is missing no more") {
  auto put_right = good();
  const std::size_t lost = put_right.find(fate::processed, 3);
  const std::int64_t offset = put_right.outputs[lost].source;
  put_right.outputs.erase(put_right.outputs.begin() + static_cast<std::ptrdiff_t>(lost));
  CHECK(put_right.report().counts.missing == 1);
  put_right.summaries.clear();  // No worker counted it.
  put_right.stopped = false;
  put_right.outputs.push_back(redone(offset, fate::processed, std::string{redriven_missing}));
  const auto report = put_right.report();
  CHECK(report.verdict() == verdict::exactly_once);
  CHECK(report.counts.missing == 0);
  CHECK(report.counts.redriven == 1);
}

TEST_CASE("a header that names no error record makes no redriven output") {
  for (const auto* header : {"", "once", "processed-errors/1", "processed-errors/1/x"}) {
    CAPTURE(header);
    auto forged = good();
    forged.outputs.push_back(redone(failed_offset(forged, 0), fate::processed, header));
    CHECK(forged.report().faults.count(fault::repeated) == 1);
  }
}

TEST_CASE("what a moving audit has dropped may be redriven once") {
  partition_ledger ledger{0, 0};
  ledger.extend(20, 20);
  for (std::int64_t offset = 0; offset < 20; ++offset) ledger.write(offset, fate::error);
  using result = partition_ledger::write_result;
  CHECK(ledger.write_redriven(3, fate::processed) == result::first);
  ledger.drop_below(10);
  CHECK(ledger.write_redriven(3, fate::processed) == result::again);
  CHECK(ledger.write_redriven(4, fate::cleaned) == result::first);
  CHECK(ledger.write_redriven(4, fate::cleaned) == result::again);
  CHECK(ledger.dropped_redriven() == std::vector<offset_range>{{3, 5}});
  CHECK(ledger.counts().redriven == 2);
  CHECK(ledger.counts().of(fate::error) == 18);
  CHECK(ledger.counts().inputs() == 20);
}

}  // namespace turnstile::audit
