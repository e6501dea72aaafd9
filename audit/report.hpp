// The result of an audit as plain values, as JSON, and as what people read.
//
// Pure: made once from an auditor, then owned by whoever prints it. The JSON's fields are
// documented in docs/audit.md and never change their meaning. GUARANTEES: bounded (`ranges_max` of
// each list), and nothing of what a record holds is in it but the ids of workers and keys.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/auditor.hpp"
#include "audit/summaries.hpp"

namespace turnstile::audit {

inline constexpr int report_schema = 1;
inline constexpr std::size_t ranges_max = 1000;
inline constexpr std::size_t picture_cells = 60;

enum class verdict : std::uint8_t {
  exactly_once,  ///< Each input ended exactly once, and nothing else is wrong.
  faults,        ///< Something is wrong.
  not_known,     ///< Nothing is wrong as far as is known, and not everything is.
};

[[nodiscard]] std::string_view name_of(verdict v);

struct range_list {
  std::vector<offset_range> ranges;
  std::int64_t left_out = 0;  ///< Ranges beyond `ranges_max`.

  void add(offset_range range);
};

/// What a cell of the picture shows: the worst of its offsets.
enum class cell : std::uint8_t { no_record, exactly_once, waiting, unknown, repeated, missing };

struct partition_report {
  std::int32_t partition = -1;
  offset_range range;
  ledger_counts counts;
  std::int64_t removed = 0;  ///< Of the unknown: removed before the range, and nothing tells.
  std::int64_t order_breaks = 0;
  std::optional<std::int64_t> committed;
  range_list missing, repeated, unknown, waiting, uncovered;
  offset_range held;  ///< Of what waits: behind a transaction of others that is open.
  std::vector<cell> picture;
  std::optional<partition_keys> keys;  ///< Which wrote what, where it was asked for.

  void add_held(offset_range behind_transaction);
};

struct audit_report {
  std::string input_topic;
  std::string group;  ///< Empty: none was asked about.
  std::string isolation;
  ledger_counts counts;
  std::int64_t outputs = 0;
  std::int64_t repeats = 0;
  std::int64_t outside = 0;
  std::int64_t removed = 0;
  std::int64_t earlier = 0;  ///< Outputs of an earlier topic of the input topic's name.
  std::int64_t order_breaks = 0;
  auditor::reason_counts reasons{};
  fault_list faults;
  summary_audit::figures summaries;
  std::vector<partition_report> partitions;
  std::vector<std::string> missing_topics;
  /// Inputs whose raw values were looked for. Of none of many, nothing is known.
  std::optional<std::int64_t> values_compared;
  double seconds = 0;
  bool stopped_early = false;  ///< Interrupted: not all was read.
  bool moving = false;         ///< Inputs that wait are not late yet.

  [[nodiscard]] audit::verdict verdict() const;
  /// Raw values were to be looked for, and no input had any.
  [[nodiscard]] bool compared_nothing() const;
};

using committed_offsets = std::map<std::int32_t, std::int64_t>;

[[nodiscard]] audit_report make_report(const auditor& audited,
                                       const summary_audit::figures& summaries,
                                       const committed_offsets& committed);

/// One line without a line feed.
[[nodiscard]] std::string to_json(const audit_report& report);

/// 1,234,567
[[nodiscard]] std::string grouped(std::int64_t number);

/// Paints a cell of the column with this heading, or leaves it as it is.
using table_paint = std::function<std::string(std::string_view heading, std::string_view cell)>;

/// The table of partitions, one line each, aligned. Where `width` columns are too few, those
/// without anything but zeros that nobody looks for are left out.
[[nodiscard]] std::string to_table(const audit_report& report, std::size_t width,
                                   const table_paint& paint);

/// The partitions' ranges, one line each, and what the marks mean.
[[nodiscard]] std::string to_pictures(const audit_report& report, std::size_t width);

/// Reasons, faults with examples, summaries: what there is to say besides.
[[nodiscard]] std::string to_notes(const audit_report& report);

/// The last line.
[[nodiscard]] std::string to_sentence(const audit_report& report);

}  // namespace turnstile::audit
