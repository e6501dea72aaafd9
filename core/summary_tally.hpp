// Counts what became of the records and writes it as a summary record.
//
// Owned by the summary actor, used on it only. Fed with finished records in the order of their
// offsets, partition by partition. GUARANTEES: memory stays bounded whatever the records hold; the
// windows of all summaries add up to the cumulative counts.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/batch.hpp"

namespace turnstile::core {

/// Longer values (as JSON) are counted under "(other)".
inline constexpr std::size_t counted_value_bytes_max = 64;

/// How often each value of one field occurred; at most `distinct_max` values have a count of their
/// own, and no more than a summary holds with `bytes_max` for them, the rest share "(other)".
class value_counts {
public:
  struct entry {
    std::int64_t total = 0;
    std::int64_t window = 0;
  };

  using entry_map = std::map<std::string, entry, std::less<>>;

  value_counts(std::size_t distinct_max, std::size_t bytes_max)
    : distinct_max_(distinct_max), bytes_max_(bytes_max) {}
  value_counts(const value_counts&) = delete;
  value_counts& operator=(const value_counts&) = delete;

  void count(std::string_view value);
  void reset_window();
  [[nodiscard]] const entry_map& entries() const { return entries_; }

private:
  entry_map::value_type*& seen_at(std::string_view value);
  entry_map::value_type& find_or_add(std::string_view value);
  [[nodiscard]] bool takes(std::string_view value) const;

  std::size_t distinct_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;  ///< Of all entries in a summary, at most.
  entry_map entries_;
  /// Entries met before, by a hash of their value: streams repeat few values, and going down the
  /// map for each costs several comparisons.
  std::array<entry_map::value_type*, 256> seen_{};
};

class summary_tally {
public:
  struct limits {
    std::int64_t distinct_values_max;  ///< Of a field.
    std::size_t value_bytes_max;       ///< Of a summary; named values take three quarters at most.
  };

  /// `every` below 1: never due. `names` are those of the counts of each counted field. Throws
  /// nothing but std::bad_alloc, as all its methods.
  summary_tally(std::string input_topic, std::int64_t every, std::vector<std::string> names,
                limits most);

  /// Counts one finished record. It covers the offsets from `range_start`, where the record before
  /// it in its epoch ended (or the epoch's first offset), to itself.
  void count(std::int32_t partition, std::int64_t range_start, const output_record& record);

  /// True once the processed_count has reached a multiple of `every`, until the summary is taken or
  /// left out: do one of them before the next record is counted.
  [[nodiscard]] bool due() const { return due_; }

  /// Lets the window go on to the next multiple; its summary says how many it took.
  void leave_out();

  /// The value of the summary record; begins a new window. Nothing, and no new window, where it
  /// would be longer than `bytes_max`.
  [[nodiscard]] std::optional<std::string> take_summary(std::string_view worker_id,
                                                        std::int64_t now_s, std::size_t bytes_max);

private:
  struct outcome_counts {
    std::int64_t processed = 0;
    std::int64_t filtered = 0;
    std::int64_t failed = 0;
    void count(outcome result);
  };
  using offset_range = std::pair<std::int64_t, std::int64_t>;  ///< Half-open.

  static void append_outcomes(std::string& to, const outcome_counts& counts);
  void append_values(std::string& to, std::int64_t value_counts::entry::*which) const;
  void append_covers(std::string& to) const;
  void cover(std::int32_t partition, offset_range range);

  std::string input_topic_;
  std::int64_t every_;
  std::int64_t sequence_ = 0;
  bool due_ = false;
  std::int64_t multiples_ = 1;  ///< That the next summary stands for.
  outcome_counts total_;
  outcome_counts window_;
  std::vector<std::string> names_;
  std::deque<value_counts> counts_;  ///< By name.
  std::map<std::int32_t, std::vector<offset_range>> covers_;
};

}  // namespace turnstile::core
