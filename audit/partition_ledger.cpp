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

void ledger_counts::add(offset_state state, std::int64_t offsets, bool by_redrive) {
  if (by_redrive) redriven += offsets;
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
  redriven += other.redriven;
}

std::int64_t ledger_counts::inputs() const {
  return std::accumulate(by_fate.begin(), by_fate.end(), missing + unknown + open);
}

void partition_ledger::extend(std::int64_t end, std::int64_t known_end) {
  assert(end <= known_end);
  end_ = std::max(end_, end);
  map_.extend(known_end);
  redriven_.extend(known_end);
}

/// An input is written once, by a worker or a redrive, or as an error record and redriven to
/// something better.
bool partition_ledger::agree(offset_state written, offset_state redone) {
  if (written.copies() == 0 || redone.copies() == 0) return true;
  return written.where() == fate::error && redone.where() != fate::error;
}

offset_state partition_ledger::both(offset_state written, offset_state redone) {
  if (redone.copies() == 0) return written;
  if (written.copies() == 0) return redone;
  const unsigned copies = written.copies() + redone.copies();
  if (agree(written, redone)) return {redone.where(), copies - 1};
  return {std::min(written.where(), redone.where()), copies};
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
    const offset_state redone = redriven_.at(offset);
    if (agree(offset_state{where, 1}, redone)) return write_result::first;
    return where == redone.where() ? write_result::again : write_result::elsewhere;
  }
  // The topics are read side by side: which one is the fate must not depend on who is faster.
  map_.set(offset, offset_state{std::min(where, earlier.where()), earlier.copies() + 1});
  return where == earlier.where() ? write_result::again : write_result::elsewhere;
}

partition_ledger::write_result partition_ledger::write_redriven(std::int64_t offset, fate where) {
  if (offset < start_) {
    before_start_.add_output(offset);
    return write_result::before_start;
  }
  if (offset >= map_.high()) return write_result::no_input;
  if (offset < map_.low()) return redrive_dropped(offset, where);
  const offset_state written = map_.at(offset);
  if (written.is(absence::no_record)) return write_result::no_input;
  const offset_state earlier = redriven_.at(offset);
  const fate now = earlier.copies() == 0 ? where : std::min(where, earlier.where());
  redriven_.set(offset, offset_state{now, earlier.copies() + 1});
  if (earlier.copies() == 0 && agree(written, offset_state{where, 1})) return write_result::first;
  const fate before = earlier.copies() == 0 ? written.where() : earlier.where();
  return where == before ? write_result::again : write_result::elsewhere;
}

/// What was dropped had an outcome; a redrive says that it was an error.
partition_ledger::write_result partition_ledger::redrive_dropped(std::int64_t offset, fate where) {
  const bool was_missing = std::ranges::any_of(
      dropped_missing_,
      [offset](const offset_range& range) { return range.low <= offset && offset < range.high; });
  const auto next = std::ranges::upper_bound(dropped_redriven_, offset, {}, &offset_range::low);
  const bool again = next != dropped_redriven_.begin() && offset < std::prev(next)->high;
  if (again || (where == fate::error && !was_missing)) return write_result::again;
  if (was_missing) {
    static_cast<void>(write_dropped(offset, where));
  } else {
    --dropped_.by_fate[static_cast<std::size_t>(fate::error)];
    ++dropped_.by_fate[static_cast<std::size_t>(where)];
  }
  ++dropped_.redriven;
  if (next != dropped_redriven_.begin() && std::prev(next)->high == offset) {
    ++std::prev(next)->high;
  } else if (dropped_redriven_.size() < missing_ranges_max) {
    dropped_redriven_.insert(next, {offset, offset + 1});
  }
  return write_result::first;
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
  for_each_run({map_.low(), std::clamp(upto, map_.low(), map_.high())},
               [&](offset_range run, offset_state state, bool /*redriven*/) {
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
  for_each_run(range, [&counts](offset_range run, offset_state state, bool redriven) {
    counts.add(state, run.size(), redriven);
  });
  return counts;
}

ledger_counts partition_ledger::written_counts(offset_range range) const {
  ledger_counts counts;
  redriven_.for_each_run(range, [&](offset_range outer, offset_state redone) {
    map_.for_each_run(outer, [&](offset_range run, offset_state written) {
      const bool told = written.copies() > 0 || redone.copies() == 0;
      counts.add(told ? written : offset_state{absence::unknown}, run.size());
    });
  });
  return counts;
}

ledger_counts partition_ledger::counts() const {
  ledger_counts all = counts({map_.low(), end_});
  all.add(dropped_);
  return all;
}

std::int64_t partition_ledger::accounted_end() const {
  std::int64_t first = end_;
  for_each_run({map_.low(), end_}, [&](offset_range run, offset_state state, bool /*redriven*/) {
    if (state.is(absence::open) || state.is(absence::missing)) first = std::min(first, run.low);
  });
  return first;
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
  for_each_run(gone, [this](offset_range run, offset_state state, bool redriven) {
    if (!redriven && !state.is(absence::missing)) return;
    auto& to = redriven ? dropped_redriven_ : dropped_missing_;
    if (to.size() < missing_ranges_max) append_range(to, run);
  });
  map_.drop_below(low);
  redriven_.drop_below(low);
  covers_.drop_below(low);
  return said;
}

void partition_ledger::restore(ledger_counts dropped, std::vector<offset_range> missing,
                               std::vector<offset_range> redriven, std::int64_t low) {
  dropped_ = dropped;
  dropped_missing_ = std::move(missing);
  dropped_redriven_ = std::move(redriven);
  end_ = low;
  map_ = fate_map{low};
  redriven_ = fate_map{low};
}

void partition_ledger::restore(offset_range range, offset_state state) {
  extend(range.high, range.high);
  map_.fill(range, state);
}

}  // namespace turnstile::audit
