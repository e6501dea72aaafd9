// The account of one input partition: what became of each offset, and what the summaries cover.
//
// Owned by an auditor, used by one thread. `start` is the first offset that is audited. Offsets
// below `end` are judged; those from there to `known_end` are inputs too, but came so late that
// their outputs need not have been seen. What a moving audit has dropped is kept as counts. What
// redrives wrote is kept apart from what workers wrote, of which the summaries tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "audit/cover_set.hpp"
#include "audit/fate_map.hpp"
#include "audit/removed_inputs.hpp"

namespace turnstile::audit {

struct ledger_counts {
  std::array<std::int64_t, fate_count> by_fate{};  ///< Inputs, each once; `none` stays 0.
  std::int64_t missing = 0;
  std::int64_t unknown = 0;
  std::int64_t no_record = 0;
  std::int64_t open = 0;
  std::int64_t repeated = 0;  ///< Inputs with more than one output.
  std::int64_t redriven = 0;  ///< Inputs that a redrive gave the outcome as which they count.

  [[nodiscard]] std::int64_t of(fate where) const {
    return by_fate[static_cast<std::size_t>(where)];
  }
  void add(offset_state state, std::int64_t offsets, bool by_redrive = false);
  void add(const ledger_counts& other);

  /// Records: offsets that hold one, or may.
  [[nodiscard]] std::int64_t inputs() const;
};

class partition_ledger {
public:
  partition_ledger(std::int32_t partition, std::int64_t start)
    : partition_(partition), start_(start), end_(start), map_(start), redriven_(start) {}

  [[nodiscard]] std::int32_t partition() const { return partition_; }
  [[nodiscard]] std::int64_t start() const { return start_; }
  [[nodiscard]] std::int64_t end() const { return end_; }
  [[nodiscard]] std::int64_t known_end() const { return map_.high(); }
  /// What workers wrote, and what is settled.
  [[nodiscard]] const fate_map& map() const { return map_; }
  /// What redrives wrote.
  [[nodiscard]] const fate_map& redriven() const { return redriven_; }

  /// Calls `each(offset_range, offset_state, bool redriven)` for what both come to: an error record
  /// and one redriven output are that one outcome.
  template <typename Each>
  void for_each_run(offset_range range, const Each& each) const {
    redriven_.for_each_run(range, [&](offset_range outer, offset_state redone) {
      map_.for_each_run(outer, [&](offset_range run, offset_state written) {
        each(run, both(written, redone), redone.copies() > 0);
      });
    });
  }

  /// Both only ever grow. REQUIRES: `end` is not above `known_end`.
  void extend(std::int64_t end, std::int64_t known_end);

  enum class write_result : std::uint8_t { first, again, elsewhere, before_start, no_input };

  /// An output of `offset` was found. `elsewhere`: again, and in another topic than before.
  write_result write(std::int64_t offset, fate where);

  /// The same of an output that a redrive wrote. `first` where there is an error record, or nothing
  /// yet.
  write_result write_redriven(std::int64_t offset, fate where);

  // Settling: which of the open offsets are records? The input is read again where they are.

  /// Where offsets below `upto` are open, as ranges that may hold others too: gaps of up to
  /// `gap_max` are read along.
  [[nodiscard]] std::vector<offset_range> open_ranges(std::int64_t upto,
                                                      std::int64_t gap_max) const;

  /// What is open in `range` becomes `why`.
  void settle(offset_range range, absence why);
  void settle(std::int64_t offset, absence why) { settle({offset, offset + 1}, why); }
  [[nodiscard]] bool is_open(std::int64_t offset) const {
    return map_.holds(offset) && map_.at(offset).is(absence::open) &&
           redriven_.at(offset).copies() == 0;
  }

  /// What a summary counted; the part of it that was dropped is left out.
  void cover(offset_range range, std::int64_t times = 1);
  /// Summaries tell nothing of it.
  void ignore_covers() { covers_count_ = false; }
  [[nodiscard]] const cover_set& covers() const { return covers_; }

  /// What is known of the offsets before `start`.
  [[nodiscard]] const removed_inputs& before_start() const { return before_start_; }

  /// The offsets of `range` of which nothing tells are unknown. REQUIRES: it ends at `start` or
  /// before.
  void settle_before_start(offset_range range);
  [[nodiscard]] const removed_inputs::untold& untold_before_start() const { return untold_; }

  // The verdict.

  [[nodiscard]] ledger_counts counts() const;
  [[nodiscard]] ledger_counts counts(offset_range range) const;
  /// As the workers that wrote them counted; of an input that was only redriven they are unknown.
  [[nodiscard]] ledger_counts written_counts(offset_range range) const;

  /// The first offset that is a record and has no outcome, or may be one; `end` where none is.
  [[nodiscard]] std::int64_t accounted_end() const;

  /// True where nothing from `offset` to the end is, or may be, a record.
  [[nodiscard]] bool nothing_from(std::int64_t offset) const;

  struct coverage {
    std::int64_t uncovered = 0;  ///< Inputs with an outcome that no summary counted.
    std::int64_t again = 0;      ///< Offsets counted more than once, each time beyond the first.
    std::vector<offset_range> uncovered_ranges;
    std::vector<offset_range> overlaps;  ///< Counted more often than written.
  };
  [[nodiscard]] coverage judge_covers() const;

  // A moving audit.

  /// Forgets what is accounted for below `low`, but its counts. Gives what the summaries said of
  /// it.
  coverage drop_below(std::int64_t low);

  /// Offsets that were missing when they were dropped, at most `missing_ranges_max` ranges.
  static constexpr std::size_t missing_ranges_max = 10'000;
  [[nodiscard]] const std::vector<offset_range>& dropped_missing() const {
    return dropped_missing_;
  }
  /// And those that were redriven, as many: of any beyond them a second redrive is not noticed.
  [[nodiscard]] const std::vector<offset_range>& dropped_redriven() const {
    return dropped_redriven_;
  }
  [[nodiscard]] const ledger_counts& dropped() const { return dropped_; }
  void restore(ledger_counts dropped, std::vector<offset_range> missing,
               std::vector<offset_range> redriven, std::int64_t low);
  void restore(offset_range range, offset_state state);
  /// REQUIRES: the range was restored.
  void restore_redriven(offset_range range, offset_state state) { redriven_.fill(range, state); }

  [[nodiscard]] std::size_t bytes() const { return map_.bytes() + redriven_.bytes(); }

private:
  [[nodiscard]] coverage judge_covers(offset_range range) const;
  write_result write_dropped(std::int64_t offset, fate where);
  write_result redrive_dropped(std::int64_t offset, fate where);
  [[nodiscard]] static bool agree(offset_state written, offset_state redone);
  [[nodiscard]] static offset_state both(offset_state written, offset_state redone);

  std::int32_t partition_;
  std::int64_t start_;
  std::int64_t end_;
  fate_map map_;
  fate_map redriven_;  ///< The same offsets; all but redriven outputs are open.
  cover_set covers_;
  bool covers_count_ = true;
  removed_inputs before_start_;
  removed_inputs::untold untold_;
  ledger_counts dropped_;
  std::vector<offset_range> dropped_missing_;
  std::vector<offset_range> dropped_redriven_;
};

/// Adds `range` to the end of `ranges`, joined where it continues the last.
void append_range(std::vector<offset_range>& ranges, offset_range range);

}  // namespace turnstile::audit
