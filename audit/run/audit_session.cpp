#include "audit/run/audit_session.hpp"

#include <algorithm>
#include <limits>

#include "audit/saved/saved_audit.hpp"
#include "event/errors/content_seal.hpp"
#include "event/methods/load_keys.hpp"

namespace turnstile::audit {

namespace {

using audit::fate;
using kafka_io::io_error;
using kafka_io::read_range;
using kafka_io::result;

// After which a partition that gives nothing is left: behind an open transaction, say.
constexpr std::chrono::milliseconds stalled{15'000};

/// Of each partition a moving audit keeps at least so many offsets, so that summaries that come
/// late can be compared: half a byte each.
constexpr std::int64_t history_offsets = 262'144;

}  // namespace

result<std::unique_ptr<audit_session>> audit_session::open(const audit_args& args,
                                                           const core::settings& settings) {
  auto source =
      audit_source::open(settings, args.read_uncommitted ? kafka_io::isolation::read_uncommitted
                                                         : kafka_io::isolation::read_committed);
  if (!source) return source.error();
  for (const auto& range : args.offsets) {
    if (range.partition < source->layout().input_partitions) continue;
    return io_error{0,
                    settings.topics.input + " has no partition " + std::to_string(range.partition)};
  }
  return std::unique_ptr<audit_session>{new audit_session{args, std::move(*source)}};
}

audit_session::failure audit_session::round(std::int64_t now_ms, const watcher& watch) {
  stopped_early_ = false;
  if (rounds_ > 0) {
    if (auto error = source_.check_unchanged()) return error;
  }
  const auto now = source_.snapshot(args_.with_group ? source_.settings().kafka.group : "");
  if (!now) return now.error();
  committed_ = now->committed;
  note_held(*now);
  if (!auditor_) {
    if (auto error = begin(*now)) return error;
  }
  for (const auto& ledger : auditor_->ledgers()) {
    if (now->inputs_later[static_cast<std::size_t>(ledger.partition())] >= ledger.known_end())
      continue;
    if (ledger.known_end() == ledger.start()) continue;  // Nothing was there when it began.
    return io_error{0,
                    "the input topic ends before what it held: it was deleted and created again, "
                    "or has lost records; begin a new audit"};
  }
  extend(*now);
  if (auto error = keep_values(watch)) return error;
  if (auto error = read_outputs(*now, watch)) return error;
  if (auto error = tell_remade_apart(*now, watch)) return error;
  set_due(now_ms, *now);
  if (auto error = settle(watch)) return error;
  if (auto error = read_summaries(*now, watch)) return error;
  note_read(*now);
  ++rounds_;
  if (stopped_early_) return {};
  settle_before_start();
  for (auto& ledger : auditor_->ledgers()) {
    if (!args_.with_group || ledger.start() >= ledger.end()) continue;
    const auto found = committed_.find(ledger.partition());
    // Of a range only: what the group did behind it is not the question.
    auto offset = found == committed_.end() ? std::nullopt : std::optional{found->second};
    if (offset && !args_.offsets.empty()) offset = std::min(*offset, ledger.end());
    auditor_->check_commit(ledger.partition(), offset);
  }
  if (args_.follow) {
    figures_ = summaries_->figures_now();
    drop_accounted();
  } else {
    figures_ = summaries_->finish();
  }
  return {};
}

// How a new audit begins.

result<std::vector<std::int64_t>> audit_session::input_starts(const audit_snapshot& now) const {
  std::vector<std::int64_t> starts;
  for (const auto& marks : now.inputs) starts.push_back(marks.low);
  if (args_.since_s) {
    const auto since = source_.offsets_at(source_.settings().topics.input,
                                          source_.layout().input_partitions, *args_.since_s * 1000);
    if (!since) return since.error();
    for (std::size_t p = 0; p < starts.size(); ++p) {
      starts[p] = (*since)[p] < 0 ? now.inputs[p].high : std::max(starts[p], (*since)[p]);
    }
  }
  for (std::size_t p = 0; !args_.offsets.empty() && p < starts.size(); ++p) {
    const auto asked =
        std::ranges::find(args_.offsets, static_cast<std::int32_t>(p), &partition_range::partition);
    starts[p] = asked == args_.offsets.end() ? now.inputs_later[p] : asked->low;
  }
  return starts;
}

void audit_session::make_auditor(const std::vector<std::int64_t>& starts) {
  const auto& settings = source_.settings();
  auditor_ = std::make_unique<audit::auditor>(
      audit::audit_scope{.input_topic = settings.topics.input,
                         .layout = source_.layout(),
                         .summary_every = settings.summary.every,
                         .stopped = args_.stopped,
                         .counted = event::counted_fields(settings.event),
                         .keys = args_.keys,
                         .keys_expected = event::use_pseudonym_key(
                             settings.event, event::keys_there_of(event::key_files_of(settings)))},
      starts);
  summaries_ = std::make_unique<audit::summary_audit>(*auditor_);
  for (const auto where : audit::output_fates) {
    if (!source_.tells_all(where)) auditor_->set_compacted(where);
  }
}

audit_session::failure audit_session::begin(const audit_snapshot& now) {
  const auto starts = input_starts(now);
  if (!starts) return starts.error();
  make_auditor(*starts);
  for (std::size_t p = 0; p < starts->size(); ++p) {
    begins_with_log_.push_back(args_.offsets.empty() && (*starts)[p] == now.inputs[p].low);
  }
  if (args_.values && !values_)
    values_ = std::make_unique<audit::raw_values>(source_.settings().event);
  for (const auto& marks : now.summaries) {
    summary_positions_.push_back(marks.low);
    if (marks.low > 0) summaries_->set_begins_late();
  }
  return begin_outputs(now);
}

/// Outputs carry their sources' timestamps and are in their order, so that what is needed since a
/// time begins at that time; should that not hold, what lies before counts as not known.
audit_session::failure audit_session::begin_outputs(const audit_snapshot& now) {
  for (const auto where : audit::output_fates) {
    const auto& outputs = now.outputs[index_of(where)];
    auto& positions = output_positions_[index_of(where)];
    for (const auto& marks : outputs) positions.push_back(marks.low);
    if (args_.since_s) {
      const auto since =
          source_.offsets_at(source_.topic_of(where), static_cast<std::int32_t>(outputs.size()),
                             *args_.since_s * 1000);
      if (!since) return since.error();
      for (std::size_t q = 0; q < positions.size(); ++q) {
        positions[q] = (*since)[q] < 0 ? outputs[q].high : std::max(positions[q], (*since)[q]);
      }
    }
    for (std::size_t q = 0; q < positions.size(); ++q) {
      if (positions[q] > 0) auditor_->set_begins_late(where, static_cast<std::int32_t>(q));
    }
  }
  output_begins_ = output_positions_;
  return {};
}

// What a round does.

std::int64_t audit_session::end_of(std::int32_t partition, std::int64_t high) const {
  if (args_.offsets.empty()) return high;
  const auto asked = std::ranges::find(args_.offsets, partition, &partition_range::partition);
  return asked == args_.offsets.end() ? high : std::min(high, asked->high);
}

/// The first offset behind the last stable one is the open transaction's own: no input yet, and
/// none at all should it be aborted. What lies behind it was not read by anybody.
void audit_session::note_held(const audit_snapshot& now) {
  held_.clear();
  for (std::size_t p = 0; p < now.inputs.size(); ++p) {
    audit::offset_range held{now.inputs[p].high + 1, now.inputs_written[p]};
    if (!args_.offsets.empty()) {
      const auto asked = std::ranges::find(args_.offsets, static_cast<std::int32_t>(p),
                                           &partition_range::partition);
      held.high = asked == args_.offsets.end() ? 0 : std::min(held.high, asked->high);
      if (asked != args_.offsets.end()) held.low = std::max(held.low, asked->low);
    }
    held_.push_back(held.low < held.high ? held : audit::offset_range{});
  }
}

void audit_session::extend(const audit_snapshot& now) {
  for (auto& ledger : auditor_->ledgers()) {
    const auto p = static_cast<std::size_t>(ledger.partition());
    const std::int64_t known_end = std::max(now.inputs_later[p], ledger.start());
    const std::int64_t end = end_of(ledger.partition(), now.inputs[p].high);
    auditor_->extend(ledger.partition(), std::clamp(end, ledger.start(), known_end), known_end);
  }
}

result<std::vector<std::int64_t>> audit_session::read(
    std::string_view phase, const std::vector<read_range>& ranges,
    const std::function<void(std::size_t, const core::record_view&)>& each,
    const unreadable_fn& unreadable, const watcher& watch) {
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const auto& range : ranges) {
    total += static_cast<std::uint64_t>(std::max<std::int64_t>(range.to - range.from, 0));
  }
  const kafka_io::range_reader::handlers handlers{
      .record =
          [&](std::size_t range, const core::record_view& record) {
            ++done;
            each(range, record);
          },
      .unreadable = unreadable,
      .stopped =
          [&] {
            if (watch.progress) watch.progress(phase, done, total);
            stopped_early_ = stopped_early_ || (watch.stopped && watch.stopped());
            return stopped_early_;
          }};
  return source_.reader().read(ranges, handlers, stalled);
}

audit_session::failure audit_session::read_outputs(const audit_snapshot& now,
                                                   const watcher& watch) {
  // Those of a topic that was remade are read twice.
  read_ = {};
  if (values_) values_->forget_outputs();
  struct place {
    fate where = fate::none;
    std::int32_t partition = -1;
  };
  std::vector<read_range> ranges;
  std::vector<place> places;
  for (const auto where : audit::output_fates) {
    const auto& positions = output_positions_[index_of(where)];
    for (std::size_t q = 0; q < positions.size(); ++q) {
      places.push_back({where, static_cast<std::int32_t>(q)});
      ranges.push_back({source_.topic_of(where), places.back().partition, positions[q],
                        now.outputs[index_of(where)][q].high});
    }
  }
  constexpr std::int64_t none = -1;
  std::vector<std::int64_t> first(ranges.size(), none);
  const auto reached = read(
      "outputs", ranges,
      [&](std::size_t range, const core::record_view& record) {
        if (first[range] == none) first[range] = record.offset;
        take_output(places[range].where, places[range].partition, record);
      },
      // What they were cannot be known.
      [&](std::size_t range, auto, auto) { auditor_->set_compacted(places[range].where); }, watch);
  if (!reached) return reached.error();
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    const auto& [where, partition] = places[r];
    const std::int64_t position = (*reached)[r];
    output_positions_[index_of(where)][static_cast<std::size_t>(partition)] = position;
    auditor_->set_ends_early(where, partition, position < ranges[r].to);
    const bool skipped = (first[r] == none ? position : first[r]) > ranges[r].from;
    if (!skipped) continue;
    // Control records, or retention was faster than the reading.
    const auto low = source_.low_of(ranges[r].topic, partition);
    if (!low) return low.error();
    if (*low <= ranges[r].from) continue;
    if (rounds_ == 0) {
      auditor_->set_begins_late(where, partition);
    } else {
      auditor_->set_compacted(where);
    }
  }
  return {};
}

void audit_session::take_output(fate where, std::int32_t partition,
                                const core::record_view& record) {
  const auto origin =
      auditor_->add_output({where, partition, record.offset, record.key, record.headers});
  read_.keys.add(record);
  if (where == fate::error && event::has_sealed_content(record.value.value_or(""))) ++read_.sealed;
  if (origin && values_) look_for_values(where, partition, record, *origin);
}

audit_session::failure audit_session::read_summaries(const audit_snapshot& now,
                                                     const watcher& watch) {
  std::vector<read_range> ranges;
  for (std::size_t q = 0; q < summary_positions_.size(); ++q) {
    ranges.push_back({source_.settings().topics.summary, static_cast<std::int32_t>(q),
                      summary_positions_[q], now.summaries[q].high});
  }
  const auto reached = read(
      "summaries", ranges,
      [&](std::size_t range, const core::record_view& record) {
        summaries_->add(ranges[range].partition, record.offset, record.key, record.value);
      },
      {}, watch);
  if (!reached) return reached.error();
  summary_positions_ = *reached;
  return {};
}

void audit_session::drop_accounted() {
  for (auto& ledger : auditor_->ledgers()) {
    const auto open = ledger.open_ranges(ledger.end(), 0);
    const std::int64_t accounted = open.empty() ? ledger.end() : open.front().low;
    const std::int64_t low = std::min(accounted, ledger.end() - history_offsets);
    if (low <= ledger.map().low()) continue;
    summaries_->note(ledger.partition(), ledger.drop_below(low));
  }
}

std::string audit_session::save() const {
  return audit::saved_audit::save(*auditor_, *summaries_, clock_,
                                  {output_positions_, summary_positions_});
}

std::optional<std::string> audit_session::restore(std::string_view text) {
  const auto starts = audit::saved_audit::starts_in(text);
  const auto& layout = source_.layout();
  if (!starts || starts->size() != static_cast<std::size_t>(layout.input_partitions)) {
    return "it is damaged, or of other numbers of partitions";
  }
  make_auditor(*starts);
  audit::read_positions positions;
  for (const auto where : audit::output_fates) {
    positions.outputs[index_of(where)].resize(
        static_cast<std::size_t>(layout.count(audit::topic_of(where))));
  }
  positions.summaries.resize(static_cast<std::size_t>(layout.count(core::output_topic::summary)));
  auto fault = audit::saved_audit::restore(text, *auditor_, *summaries_, clock_, positions);
  if (fault) return fault;
  output_positions_ = positions.outputs;
  summary_positions_ = positions.summaries;
  return {};
}

audit::audit_report audit_session::report() {
  auto report = audit::make_report(*auditor_, figures_, committed_);
  if (args_.with_group) report.group = source_.settings().kafka.group;
  report.isolation = args_.read_uncommitted ? "read_uncommitted" : "read_committed";
  report.stopped_early = stopped_early_;
  report.moving = args_.follow;
  report.missing_topics = source_.missing_topics();
  for (auto& partition : report.partitions) {
    const auto& held = held_[static_cast<std::size_t>(partition.partition)];
    partition.add_held(held);
    report.counts.open += held.size();
  }
  if (values_) report.values_compared = values_->counts().inputs;
  // A moving audit counts them for good once their offsets leave the window.
  if (args_.follow) summaries_->add_overlaps_now(report.faults);
  return report;
}

}  // namespace turnstile::audit
