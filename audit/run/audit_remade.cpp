// How an audit_session finds out that the input topic was deleted and created again, and begins
// anew with the inputs' timestamps, so that outputs of the earlier topic are told apart.
#include <algorithm>

#include "audit/run/audit_session.hpp"

namespace turnstile::audit {

namespace {

using audit::origin_sample;
using kafka_io::io_error;
using kafka_io::read_range;
using kafka_io::result;

/// Among so many offsets a record is looked for; the others may be markers of transactions.
constexpr std::int64_t offsets_to_first_max = 1000;

}  // namespace

result<std::vector<std::int32_t>> audit_session::find_remade(const audit_snapshot& now,
                                                             const watcher& watch) {
  std::vector<std::vector<origin_sample>> samples;
  std::size_t waves = 0;
  for (const auto& ledger : auditor_->ledgers()) {
    samples.push_back(auditor_->samples(ledger.partition()));
    waves = std::max(waves, samples.back().size());
  }
  std::vector<std::int32_t> remade;
  const auto note = [&remade](std::int32_t partition) {
    if (std::ranges::find(remade, partition) == remade.end()) remade.push_back(partition);
  };
  const std::string& input = source_.settings().topics.input;
  for (std::size_t wave = 0; wave < waves; ++wave) {
    std::vector<read_range> ranges;
    for (std::size_t p = 0; p < samples.size(); ++p) {
      if (wave >= samples[p].size()) continue;
      const std::int64_t at = samples[p][wave].offset;
      ranges.push_back({input, static_cast<std::int32_t>(p), at, at + 1});
    }
    const auto reached = read(
        "samples", ranges,
        [&](std::size_t r, const core::record_view& record) {
          const auto& sample = samples[static_cast<std::size_t>(ranges[r].partition)][wave];
          const bool same = record.timestamp_ms == sample.timestamp_ms;
          if (record.timestamp_ms >= 0 && !same) note(ranges[r].partition);
        },
        {}, watch);
    if (!reached) return reached.error();
  }
  if (auto error = compare_beyond(now, note, watch)) return std::move(*error);
  return remade;
}

/// An output of an input beyond the end is of an earlier topic where it is older than the first
/// record, or there is none; else it is an output of no input.
audit_session::failure audit_session::compare_beyond(const audit_snapshot& now,
                                                     const std::function<void(std::int32_t)>& note,
                                                     const watcher& watch) {
  std::vector<read_range> ranges;
  for (const auto& ledger : auditor_->ledgers()) {
    const auto& marks = now.inputs[static_cast<std::size_t>(ledger.partition())];
    if (auditor_->sample_beyond(ledger.partition()).offset < 0) continue;
    if (marks.low == marks.high) note(ledger.partition());
    const std::int64_t to = std::min(marks.high, marks.low + offsets_to_first_max);
    ranges.push_back({source_.settings().topics.input, ledger.partition(), marks.low, to});
  }
  std::vector<bool> seen(ranges.size(), false);
  const auto reached = read(
      "samples", ranges,
      [&](std::size_t r, const core::record_view& record) {
        if (seen[r]) return;
        seen[r] = true;
        const auto sample = auditor_->sample_beyond(ranges[r].partition);
        if (sample.timestamp_ms < record.timestamp_ms) note(ranges[r].partition);
      },
      {}, watch);
  return reached ? failure{} : reached.error();
}

audit_session::failure audit_session::begin_anew(const std::vector<std::int32_t>& remade,
                                                 const audit_snapshot& now, const watcher& watch) {
  std::vector<read_range> ranges;
  std::vector<audit::input_times> times;
  std::int64_t offsets = 0;
  for (const auto partition : remade) {
    const auto& ledger = auditor_->ledgers()[static_cast<std::size_t>(partition)];
    ranges.push_back(
        {source_.settings().topics.input, partition, ledger.start(), ledger.known_end()});
    offsets += ledger.known_end() - ledger.start();
  }
  if (offsets > audit::input_times::offsets_max) {
    return io_error{0, "the input topic was deleted and created again, and holds more than " +
                           audit::grouped(audit::input_times::offsets_max) +
                           " records since: audit it in parts, with --offsets"};
  }
  for (const auto& range : ranges) times.emplace_back(audit::offset_range{range.from, range.to});
  const auto reached = read(
      "timestamps of inputs", ranges,
      [&times](std::size_t r, const core::record_view& record) {
        times[r].add(record.offset, record.timestamp_ms);
      },
      {}, watch);
  if (!reached) return reached.error();
  output_positions_ = {};
  summary_positions_.clear();
  begins_with_log_.clear();
  if (auto error = begin(now)) return error;
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    auditor_->set_remade(ranges[r].partition, std::move(times[r]));
  }
  extend(now);
  return read_outputs(now, watch);
}

/// A later round only finds that it cannot go on: what is accounted for was of another topic.
audit_session::failure audit_session::tell_remade_apart(const audit_snapshot& now,
                                                        const watcher& watch) {
  if (stopped_early_) return {};
  const auto remade = find_remade(now, watch);
  if (!remade) return remade.error();
  const bool new_audit = !begins_with_log_.empty();
  auditor_->sample_repeats();
  if (remade->empty() || stopped_early_) return {};
  if (new_audit) {
    if (auto error = begin_anew(*remade, now, watch)) return error;
    auditor_->sample_repeats();
    return {};
  }
  return io_error{0, "the input topic was deleted and created again: begin a new audit"};
}

}  // namespace turnstile::audit
