#include "audit/report.hpp"

#include <algorithm>

namespace turnstile::audit {

namespace {

cell cell_of(offset_state state) {
  if (state.copies() > 1) return cell::repeated;
  if (state.copies() == 1) return cell::exactly_once;
  if (state.is(absence::missing)) return cell::missing;
  if (state.is(absence::unknown)) return cell::unknown;
  return state.is(absence::no_record) ? cell::no_record : cell::waiting;
}

std::vector<cell> picture_of(const partition_ledger& ledger, offset_range range) {
  const auto cells = std::min<std::int64_t>(picture_cells, range.size());
  std::vector<cell> picture(static_cast<std::size_t>(cells), cell::no_record);
  for (std::int64_t c = 0; c < cells; ++c) {
    auto& worst = picture[static_cast<std::size_t>(c)];
    // Not range.size() * c, which overflows for the largest.
    const auto edge = [&](std::int64_t at) {
      return range.low + range.size() / cells * at + range.size() % cells * at / cells;
    };
    ledger.for_each_run({edge(c), edge(c + 1)}, [&worst](offset_range, offset_state state, bool) {
      worst = std::max(worst, cell_of(state));
    });
  }
  return picture;
}

void add_ranges(const partition_ledger& ledger, partition_report& to) {
  // Neighbouring runs may differ in their fate and still belong together.
  std::array<offset_range, 4> open_range{};
  const std::array<range_list*, 4> lists{&to.missing, &to.repeated, &to.unknown, &to.waiting};
  const auto close = [&](std::size_t k) {
    if (open_range[k].size() > 0) lists[k]->add(open_range[k]);
    open_range[k] = {};
  };
  constexpr std::array<cell, 4> kinds{cell::missing, cell::repeated, cell::unknown, cell::waiting};
  for (const auto& range : ledger.dropped_missing()) to.missing.add(range);
  for (const auto& range : ledger.untold_before_start().ranges) to.unknown.add(range);
  ledger.for_each_run({ledger.map().low(), ledger.end()},
                      [&](offset_range run, offset_state state, bool) {
                        const auto found = std::ranges::find(kinds, cell_of(state));
                        for (std::size_t k = 0; k < kinds.size(); ++k) {
                          if (found == kinds.end() || kinds[k] != *found) {
                            close(k);
                          } else if (open_range[k].high == run.low && open_range[k].size() > 0) {
                            open_range[k].high = run.high;
                          } else {
                            open_range[k] = run;
                          }
                        }
                      });
  for (std::size_t k = 0; k < kinds.size(); ++k) close(k);
}

partition_report report_of(const auditor& audited, const partition_ledger& ledger,
                           const committed_offsets& committed) {
  partition_report to{.partition = ledger.partition(),
                      .range = {ledger.start(), ledger.end()},
                      .counts = ledger.counts(),
                      .removed = ledger.untold_before_start().count,
                      .order_breaks = audited.order_breaks(ledger.partition())};
  const auto found = committed.find(ledger.partition());
  if (found != committed.end()) to.committed = found->second;
  add_ranges(ledger, to);
  for (const auto& range : ledger.judge_covers().uncovered_ranges) to.uncovered.add(range);
  to.picture = picture_of(ledger, {ledger.map().low(), ledger.end()});
  return to;
}

}  // namespace

std::string_view name_of(verdict v) {
  constexpr std::array<std::string_view, 3> names{"exactly_once", "faults", "not_known"};
  return names[static_cast<std::size_t>(v)];
}

void range_list::add(offset_range range) {
  if (ranges.size() < ranges_max) {
    ranges.push_back(range);
  } else {
    ++left_out;
  }
}

void partition_report::add_held(offset_range behind_transaction) {
  if (behind_transaction.size() <= 0) return;
  held = behind_transaction;
  counts.open += held.size();
  waiting.add(held);
}

verdict audit_report::verdict() const {
  if (faults.total() > 0 || counts.missing > 0) return verdict::faults;
  if (stopped_early || counts.unknown > 0 || !missing_topics.empty()) return verdict::not_known;
  // What waits is not late yet where there is a next round; without any input nothing is shown.
  if (!moving && (counts.open > 0 || counts.inputs() == 0)) return verdict::not_known;
  return compared_nothing() ? verdict::not_known : verdict::exactly_once;
}

bool audit_report::compared_nothing() const { return values_compared == 0 && counts.inputs() > 0; }

audit_report make_report(const auditor& audited, const summary_audit::figures& summaries,
                         const committed_offsets& committed) {
  audit_report report{.input_topic = audited.scope().input_topic,
                      .outputs = audited.outputs(),
                      .repeats = audited.repeats(),
                      .outside = audited.outside(),
                      .earlier = audited.earlier(),
                      .reasons = audited.reasons(),
                      .faults = audited.faults(),
                      .summaries = summaries};
  for (const auto& ledger : audited.ledgers()) {
    report.partitions.push_back(report_of(audited, ledger, committed));
    report.counts.add(report.partitions.back().counts);
    report.removed += report.partitions.back().removed;
    report.order_breaks += report.partitions.back().order_breaks;
    if (audited.keys())
      report.partitions.back().keys =
          audited.keys()->judge(static_cast<std::size_t>(ledger.partition()),
                                audited.scope().keys_expected, report.faults);
  }
  return report;
}

}  // namespace turnstile::audit
