// How an audit_session settles what is open: which of the inputs without an output are records?
#include <algorithm>

#include "audit/run/audit_session.hpp"

namespace turnstile::audit {

namespace {

using audit::offset_range;
using kafka_io::read_range;

/// Few enough ranges that looking for each is quick, however the open offsets are scattered.
constexpr std::size_t ranges_per_partition_max = 32;

std::vector<offset_range> few_open_ranges(const audit::auditor& audited, std::int32_t partition,
                                          std::int64_t upto) {
  std::int64_t gap = 10'000;
  auto ranges = audited.open_ranges(partition, upto, gap);
  while (ranges.size() > ranges_per_partition_max) {
    gap *= 4;
    ranges = audited.open_ranges(partition, upto, gap);
  }
  return ranges;
}

}  // namespace

/// What must have an outcome by now: all; with a group what it has committed; in a moving audit
/// what is older than the bound.
void audit_session::set_due(std::int64_t now_ms, const audit_snapshot& now) {
  std::vector<std::int64_t> ends;
  for (const auto& ledger : auditor_->ledgers()) ends.push_back(ledger.end());
  if (args_.follow) clock_.add(now_ms, ends);
  due_ends_.clear();
  for (std::size_t p = 0; p < ends.size(); ++p) {
    std::int64_t due = ends[p];
    if (args_.follow) due = clock_.due_end(now_ms, p);
    const auto committed = now.committed.find(static_cast<std::int32_t>(p));
    const std::int64_t promised = committed == now.committed.end() ? 0 : committed->second;
    if (args_.with_group) due = args_.follow ? std::max(due, promised) : promised;
    due_ends_.push_back(due);
    auditor_->set_due_end(static_cast<std::int32_t>(p), due);
  }
}

/// Once: what is removed later is settled where it was looked for.
void audit_session::settle_before_start() {
  for (std::size_t p = 0; p < begins_with_log_.size(); ++p) {
    if (!begins_with_log_[p]) continue;
    const auto partition = static_cast<std::int32_t>(p);
    const auto found = committed_.find(partition);
    auditor_->settle_before_start(
        partition, found == committed_.end() ? std::nullopt : std::optional{found->second});
  }
  begins_with_log_.clear();
}

audit_session::failure audit_session::settle(const watcher& watch) {
  std::vector<std::vector<offset_range>> open;
  std::size_t waves = 0;
  for (const auto& ledger : auditor_->ledgers()) {
    const auto p = static_cast<std::size_t>(ledger.partition());
    // A moving audit looks again when they are due; a single one must know now.
    const std::int64_t upto = args_.follow ? due_ends_[p] : ledger.end();
    open.push_back(few_open_ranges(*auditor_, ledger.partition(), upto));
    waves = std::max(waves, open.back().size());
  }
  for (std::size_t wave = 0; wave < waves && !stopped_early_; ++wave) {
    if (auto error = settle_wave(wave, open, watch)) return error;
  }
  return {};
}

audit_session::failure audit_session::settle_wave(
    std::size_t wave, const std::vector<std::vector<offset_range>>& open, const watcher& watch) {
  std::vector<read_range> ranges;
  for (std::size_t p = 0; p < open.size(); ++p) {
    if (wave >= open[p].size()) continue;
    ranges.push_back({source_.settings().topics.input, static_cast<std::int32_t>(p),
                      open[p][wave].low, open[p][wave].high});
  }
  constexpr std::int64_t none = -1;
  std::vector<std::int64_t> first(ranges.size(), none);
  std::vector<std::int64_t> next(ranges.size());
  const auto settle_record = [&](std::size_t r, std::int64_t offset) {
    if (first[r] == none) {
      first[r] = offset;
    } else {
      auditor_->settle_gap(ranges[r].partition, {next[r], offset});
    }
    auditor_->settle_record(ranges[r].partition, offset);
    next[r] = offset + 1;
  };
  const auto reached = read(
      "inputs without output", ranges,
      [&](std::size_t r, const core::record_view& record) { settle_record(r, record.offset); },
      // Each of them is an input, of which the contract wants an error record.
      [&](std::size_t r, std::int64_t offset, std::int64_t end) {
        for (; offset < end; ++offset) settle_record(r, offset);
      },
      watch);
  if (!reached) return reached.error();
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    // Before the first record there was none, or retention took it.
    const auto low = source_.low_of(ranges[r].topic, ranges[r].partition);
    if (!low) return low.error();
    auditor_->settle_removed(ranges[r].partition, *low);
    const std::int64_t lead_end = first[r] == none ? (*reached)[r] : first[r];
    auditor_->settle_gap(ranges[r].partition, {ranges[r].from, lead_end});
    if (first[r] != none) auditor_->settle_gap(ranges[r].partition, {next[r], (*reached)[r]});
  }
  return {};
}

}  // namespace turnstile::audit
