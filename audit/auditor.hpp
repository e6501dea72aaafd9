// Decides from the topics alone whether every input ended in exactly one place.
//
// Owned and fed by one thread; knows no broker. Fed in this order: `extend` with the input's ends,
// the outputs (each partition in its order), `settle_*` with the inputs that are there where no
// output was found, then the summaries; then asked for a verdict. A moving audit does it again and
// again. GUARANTEES: about half a byte for each offset that it holds; what cannot be known any more
// is `unknown`, never fine and never missing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/faults.hpp"
#include "audit/input_times.hpp"
#include "audit/key_audit.hpp"
#include "audit/partition_ledger.hpp"
#include "core/layout.hpp"
#include "core/reason.hpp"
#include "core/record.hpp"
#include "event/plan.hpp"

namespace turnstile::audit {

/// The topics that inputs end in, as fates.
inline constexpr std::array<fate, 3> output_fates{fate::processed, fate::error, fate::cleaned};

/// Its place there. REQUIRES: one of them.
[[nodiscard]] constexpr std::size_t index_of(fate where) {
  return static_cast<std::size_t>(where) - 1;
}

[[nodiscard]] std::string_view name_of(fate where);
[[nodiscard]] core::output_topic topic_of(fate where);

/// What an audit is about; constant.
struct audit_scope {
  std::string input_topic;
  core::topic_layout layout;  ///< Partition counts; where outputs belong.
  std::int64_t summary_every = 1000;
  /// All workers have stopped cleanly, so that everything must be committed and covered.
  bool stopped = false;
  std::vector<event::counted_field> counted;  ///< By the summaries.
  bool keys = false;                          ///< Which key wrote what is asked for.
  bool keys_expected = false;                 ///< The rules use one.
};

/// An output as read.
struct output_view {
  fate where = fate::none;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  core::maybe_bytes key;
  std::span<const core::header_view> headers;
};

/// What an output says of its input's timestamp.
struct origin_sample {
  std::int64_t offset = -1;  ///< -1: none.
  std::int64_t timestamp_ms = -1;
};

/// The outputs of one input partition in one output partition, in the order of reading.
struct output_line {
  std::int64_t first = -1;    ///< The input of the first output seen; -1: none.
  std::int64_t ordered = -1;  ///< The latest input so far, repeats left out.
  std::int64_t last = -1;     ///< The latest input so far.
  origin_sample sample;
};

class auditor {
public:
  /// Input partition 0 is audited from `starts[0]`, and so on.
  auditor(audit_scope scope, const std::vector<std::int64_t>& starts);

  [[nodiscard]] const audit_scope& scope() const { return scope_; }

  /// Offsets below `end` are judged; `known_end`: where the input ends after the outputs' ends were
  /// taken.
  void extend(std::int32_t partition, std::int64_t end, std::int64_t known_end);

  /// Its first records are gone or were not read; so what they told cannot be known.
  void set_begins_late(fate where, std::int32_t partition);

  /// It could not be read to its end.
  void set_ends_early(fate where, std::int32_t partition, bool early = true);

  /// Records may be gone from its midst.
  void set_compacted(fate where);

  /// The input from which it came, where it says one that is audited.
  struct place {
    std::int32_t partition = -1;
    std::int64_t offset = -1;
  };
  std::optional<place> add_output(const output_view& output);

  // Was the input topic deleted and created again? Then the outputs of the earlier topic come first
  // in each output partition, so that the first one that can be compared is one of them.

  /// To be compared with the inputs; at most one for each output partition.
  [[nodiscard]] std::vector<origin_sample> samples(std::int32_t partition) const;

  /// The first output of an input beyond the end.
  [[nodiscard]] origin_sample sample_beyond(std::int32_t partition) const {
    return beyond_[static_cast<std::size_t>(partition)];
  }

  /// From now on only of outputs that are repeats: those of an earlier topic seem to be.
  void sample_repeats();

  /// It was: outputs of other inputs than these are counted and left out, and so are summaries,
  /// which do not tell. Call before the outputs are added.
  void set_remade(std::int32_t partition, input_times times);
  [[nodiscard]] bool is_remade(std::int32_t partition) const {
    return times_[static_cast<std::size_t>(partition)].has_value();
  }

  // Settling what is open, one partition after the other.

  /// From here on the group has promised nothing. Without a group: the end.
  void set_due_end(std::int32_t partition, std::int64_t due_end);

  /// What to read again: all that is open below `upto`, and at most `gap_max` others in between.
  [[nodiscard]] std::vector<offset_range> open_ranges(std::int32_t partition, std::int64_t upto,
                                                      std::int64_t gap_max) const;

  /// Nor did it have those before the ledger's start when the audit began. Those of which outputs,
  /// summaries or `committed` would tell, and do not, are unknown; what lies before all that tells
  /// is not judged. Call once, with all outputs and summaries read.
  void settle_before_start(std::int32_t partition, std::optional<std::int64_t> committed);

  /// The input has no records below `low` any more.
  void settle_removed(std::int32_t partition, std::int64_t low);

  /// This offset is a record.
  void settle_record(std::int32_t partition, std::int64_t offset);

  /// These offsets are none. REQUIRES: all of them were looked for.
  void settle_gap(std::int32_t partition, offset_range range);

  // The verdict.

  /// Compares the group's committed offset with what is written. Call once what is open below it is
  /// settled; the same offset that is not written is told once.
  void check_commit(std::int32_t partition, std::optional<std::int64_t> committed);

  [[nodiscard]] std::vector<partition_ledger>& ledgers() { return ledgers_; }
  [[nodiscard]] const std::vector<partition_ledger>& ledgers() const { return ledgers_; }
  [[nodiscard]] fault_list& faults() { return faults_; }
  [[nodiscard]] const fault_list& faults() const { return faults_; }

  /// Outputs beyond an input's first.
  [[nodiscard]] std::int64_t repeats() const { return repeats_; }

  /// Outputs of inputs before the audited ones.
  [[nodiscard]] std::int64_t outside() const { return outside_; }
  [[nodiscard]] std::int64_t outputs() const { return outputs_; }

  /// Outputs of an earlier topic of the input topic's name.
  [[nodiscard]] std::int64_t earlier() const { return earlier_; }
  [[nodiscard]] std::int64_t order_breaks(std::int32_t partition) const {
    return order_breaks_[static_cast<std::size_t>(partition)];
  }

  /// Of error records, each input once; the last is for all reasons that are none.
  using reason_counts = std::array<std::int64_t, core::reason_count + 1>;
  [[nodiscard]] const reason_counts& reasons() const { return reasons_; }

  /// Nothing where it was not asked for.
  [[nodiscard]] const std::optional<key_audit>& keys() const { return keys_; }

  [[nodiscard]] std::size_t bytes() const;

private:
  friend class saved_audit;
  /// What is known of a partition of an output topic.
  struct output_partition {
    bool begins_late = false;
    bool ends_early = false;
  };
  struct output_topic {
    std::vector<output_partition> partitions;
    std::vector<std::vector<output_line>> lines;  ///< By input partition, output partition.
    bool compacted = false;
  };

  [[nodiscard]] output_topic& topic(fate where) { return topics_[index_of(where)]; }
  [[nodiscard]] const output_topic& topic(fate where) const { return topics_[index_of(where)]; }
  [[nodiscard]] partition_ledger* ledger_of(std::int32_t partition);
  [[nodiscard]] bool is_earlier(place origin, std::optional<std::int64_t> timestamp_ms) const;
  void take_sample(place origin, std::optional<std::int64_t> timestamp_ms,
                   partition_ledger::write_result result, origin_sample& of_line);
  void note_first(const output_view& output, place origin, output_line& line);
  void note_again(const output_view& output, place origin, bool elsewhere);
  void count_reason(const output_view& output);
  void check_partition(const output_view& output, place origin);
  [[nodiscard]] bool can_be_known(std::int32_t partition, std::int64_t offset) const;
  [[nodiscard]] std::int64_t told_from(std::int32_t partition) const;

  /// `each(output_topic, output_partition, output_line)` for all places where outputs of an input
  /// partition may be.
  template <typename Each>
  void for_each_place(std::int32_t partition, const Each& each) const;

  audit_scope scope_;
  std::vector<partition_ledger> ledgers_;
  std::vector<std::int64_t> due_ends_;
  std::array<output_topic, output_fates.size()> topics_;
  fault_list faults_;
  std::int64_t repeats_ = 0;
  std::int64_t outside_ = 0;
  std::int64_t outputs_ = 0;
  std::int64_t earlier_ = 0;
  bool only_repeats_sampled_ = false;
  std::vector<origin_sample> beyond_;              ///< By input partition.
  std::vector<std::optional<input_times>> times_;  ///< By input partition, where it was remade.
  std::vector<std::int64_t> commits_told_;  ///< The unwritten offset of the last commit_ahead.
  std::vector<std::int64_t> order_breaks_;
  reason_counts reasons_{};
  std::optional<key_audit> keys_;
};

}  // namespace turnstile::audit
