#include "audit/partition_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace turnstile::audit {

void append_range(std::vector<offset_range>& ranges, offset_range range) {
  if (range.low >= range.high) return;
  if (!ranges.empty() && ranges.back().high == range.low) {
    ranges.back().high = range.high;
  } else {
    ranges.push_back(range);
  }
}

void ledger_counts::add(offset_state state, std::int64_t offsets) {
  if (state.copies() > 0) {
    by_fate[static_cast<std::size_t>(state.where())] += offsets;
    if (state.copies() > 1) repeated += offsets;
  } else if (state.is(absence::missing)) {
    missing += offsets;
  } else if (state.is(absence::unknown)) {
    unknown += offsets;
  } else if (state.is(absence::no_record)) {
    no_record += offsets;
  } else {
    open += offsets;
  }
}

void ledger_counts::add(const ledger_counts& other) {
  for (std::size_t f = 0; f < fate_count; ++f) by_fate[f] += other.by_fate[f];
  missing += other.missing;
  unknown += other.unknown;
  no_record += other.no_record;
  open += other.open;
  repeated += other.repeated;
}

std::int64_t ledger_counts::inputs() const {
  return std::accumulate(by_fate.begin(), by_fate.end(), missing + unknown + open);
}

void partition_ledger::extend(std::int64_t end, std::int64_t known_end) {
  assert(end <= known_end);
  end_ = std::max(end_, end);
  map_.extend(known_end);
}

partition_ledger::write_result partition_ledger::write(std::int64_t offset, fate where) {
  if (offset < start_) {
    before_start_.add_output(offset);
    return write_result::before_start;
  }
  if (offset >= map_.high()) return write_result::no_input;
  if (offset < map_.low()) return write_dropped(offset, where);
  const offset_state earlier = map_.at(offset);
  if (earlier.is(absence::no_record)) return write_result::no_input;
  if (earlier.copies() == 0) {
    map_.set(offset, offset_state{where, 1});
    return write_result::first;
  }
  // The topics are read side by side: which one is the fate must not depend on who is faster.
  map_.set(offset, offset_state{std::min(where, earlier.where()), earlier.copies() + 1});
  return where == earlier.where() ? write_result::again : write_result::elsewhere;
}

/// Whatever was dropped had an outcome, or was found missing.
partition_ledger::write_result partition_ledger::write_dropped(std::int64_t offset, fate where) {
  const auto found = std::ranges::find_if(dropped_missing_, [offset](const offset_range& range) {
    return range.low <= offset && offset < range.high;
  });
  if (found == dropped_missing_.end()) return write_result::again;
  const offset_range rest{offset + 1, found->high};
  found->high = offset;
  const auto after = found->size() > 0 ? found + 1 : dropped_missing_.erase(found);
  if (rest.size() > 0) dropped_missing_.insert(after, rest);
  --dropped_.missing;
  ++dropped_.by_fate[static_cast<std::size_t>(where)];
  return write_result::first;
}

std::vector<offset_range> partition_ledger::open_ranges(std::int64_t upto,
                                                        std::int64_t gap_max) const {
  std::vector<offset_range> ranges;
  map_.for_each_run({map_.low(), std::clamp(upto, map_.low(), map_.high())},
                    [&](offset_range run, offset_state state) {
                      if (!state.is(absence::open)) return;
                      if (!ranges.empty() && run.low - ranges.back().high <= gap_max) {
                        ranges.back().high = run.high;
                      } else {
                        ranges.push_back(run);
                      }
                    });
  return ranges;
}

void partition_ledger::settle(offset_range range, absence why) {
  const std::int64_t high = std::min(range.high, map_.high());
  for (std::int64_t at = std::max(range.low, map_.low()); at < high; ++at) {
    if (map_.at(at).is(absence::open)) map_.set(at, offset_state{why});
  }
}

void partition_ledger::cover(offset_range range, std::int64_t times) {
  if (!covers_count_) return;
  before_start_.note_covered(range);
  before_start_.add_cover({range.low, std::min(range.high, start_)});
  covers_.add({std::max(range.low, map_.low()), range.high}, times);
}

void partition_ledger::settle_before_start(offset_range range) {
  const auto more = before_start_.untold_in(range);
  dropped_.unknown += more.count;
  untold_.count += more.count;
  for (const auto& hole : more.ranges) append_range(untold_.ranges, hole);
}

ledger_counts partition_ledger::counts(offset_range range) const {
  ledger_counts counts;
  map_.for_each_run(
      range, [&counts](offset_range run, offset_state state) { counts.add(state, run.size()); });
  return counts;
}

ledger_counts partition_ledger::counts() const {
  ledger_counts all = counts({map_.low(), end_});
  all.add(dropped_);
  return all;
}

std::int64_t partition_ledger::accounted_end() const {
  for (std::int64_t at = map_.low(); at < end_; at = map_.run_end(at, end_)) {
    const offset_state state = map_.at(at);
    if (state.is(absence::open) || state.is(absence::missing)) return at;
  }
  return end_;
}

bool partition_ledger::nothing_from(std::int64_t offset) const {
  if (offset < map_.low()) return false;
  for (std::int64_t at = offset; at < end_; at = map_.run_end(at, end_)) {
    if (!map_.at(at).is(absence::no_record)) return false;
  }
  return true;
}

partition_ledger::coverage partition_ledger::judge_covers() const {
  return judge_covers({map_.low(), end_});
}

partition_ledger::coverage partition_ledger::judge_covers(offset_range range) const {
  coverage found;
  if (!covers_count_) return found;
  std::int64_t next = range.low;
  const auto count_uncovered = [&](offset_range hole) {
    map_.for_each_run(hole, [&found](offset_range run, offset_state state) {
      if (state.copies() == 0) return;
      found.uncovered += run.size();
      append_range(found.uncovered_ranges, run);
    });
  };
  covers_.for_each(range, [&](offset_range part, std::int64_t times) {
    count_uncovered({next, part.low});
    next = part.high;
    if (times < 2) return;
    found.again += (times - 1) * part.size();
    // Copies beyond `copies_max` are not told apart, so such a range may be right.
    const auto needed = static_cast<unsigned>(std::min<std::int64_t>(times, copies_max));
    map_.for_each_run(part, [&](offset_range run, offset_state state) {
      const bool is_record = state.copies() > 0 || state.is(absence::missing);
      if (is_record && state.copies() < needed) append_range(found.overlaps, run);
    });
  });
  count_uncovered({next, range.high});
  return found;
}

partition_ledger::coverage partition_ledger::drop_below(std::int64_t low) {
  low = std::clamp(low, map_.low(), end_);
  const offset_range gone{map_.low(), low};
  auto said = judge_covers(gone);
  dropped_.add(counts(gone));
  map_.for_each_run(gone, [this](offset_range run, offset_state state) {
    if (!state.is(absence::missing)) return;
    if (dropped_missing_.size() < missing_ranges_max) append_range(dropped_missing_, run);
  });
  map_.drop_below(low);
  covers_.drop_below(low);
  return said;
}

void partition_ledger::restore(ledger_counts dropped, std::vector<offset_range> missing,
                               std::int64_t low) {
  dropped_ = dropped;
  dropped_missing_ = std::move(missing);
  end_ = low;
  map_ = fate_map{low};
}

void partition_ledger::restore(offset_range range, offset_state state) {
  extend(range.high, range.high);
  map_.fill(range, state);
}

}  // namespace turnstile::audit
