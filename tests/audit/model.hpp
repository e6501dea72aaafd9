// A pipeline that keeps every promise, in memory, for tests of the audit to break.
//
// Owned by one test. Partition p of the input holds the offsets 100 to 159; outputs go to the
// partition with the same number; one worker's summaries cover all.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/auditor.hpp"
#include "audit/report.hpp"
#include "audit/summaries.hpp"

namespace turnstile::audit::testing {

inline constexpr std::int64_t first_offset = 100;
inline constexpr std::int64_t last_end = 160;
inline constexpr std::int32_t partitions = 3;
inline constexpr std::int64_t every = 20;

struct model_output {
  fate where = fate::none;
  std::int32_t partition = -1;
  std::int64_t source = -1;  ///< The input's offset, to find it by.
  std::vector<std::pair<std::string, std::string>> headers;
};

struct model_summary {
  std::string worker = "w-1";
  std::int64_t sequence = 0;
  std::int64_t multiples = 1;
  std::map<std::string, std::int64_t> total;  ///< processed_count and so on.
  std::map<std::string, std::int64_t> window;
  std::map<std::int32_t, std::vector<offset_range>> covers;
  std::string key = "w-1";
  std::string value;  ///< Instead of what the fields say.

  [[nodiscard]] std::string text() const;
};

struct model {
  std::map<std::int32_t, std::int64_t> starts;  ///< The audited range's; else the first offset.
  std::vector<model_output> outputs;
  std::vector<model_summary> summaries;
  std::map<std::int32_t, std::int64_t> committed;
  bool with_group = true;
  bool stopped = true;
  std::set<std::pair<std::int32_t, std::int64_t>> no_records;  ///< Offsets that hold none.
  std::set<std::pair<fate, std::int32_t>> begin_late;
  std::set<std::pair<fate, std::int32_t>> end_early;
  std::set<fate> compacted;
  std::set<std::int32_t> begins_with_log;  ///< The input's log begins where its range does.
  std::map<std::int32_t, std::int64_t> removed_below;  ///< The input's, when it is read again.
  std::set<std::int32_t> remade;  ///< The inputs' timestamps are known there: see `time_of`.
  bool summaries_begin_late = false;
  core::topic_layout layout{.input_partitions = partitions,
                            .partitions = {partitions, partitions, partitions, 1}};

  /// The index of an output of partition 1 that has neighbours.
  [[nodiscard]] std::size_t find(fate where, std::size_t nth = 3) const;
  [[nodiscard]] model_output& at(fate where) { return outputs[find(where)]; }
  void remove(fate where) { outputs.erase(outputs.begin() + static_cast<long>(find(where))); }
  void set_header(fate where, const std::string& name, const std::string& value);
  void remove_header(fate where, const std::string& name);

  [[nodiscard]] audit_report report() const;
};

/// What an input becomes: each seventh is filtered, each fifth an error, the rest are processed.
[[nodiscard]] fate fate_of(std::int64_t offset);
/// Its timestamp.
[[nodiscard]] std::int64_t time_of(std::int64_t offset);
[[nodiscard]] model_output output_of(std::int32_t partition, std::int64_t offset);
[[nodiscard]] model good();

}  // namespace turnstile::audit::testing
