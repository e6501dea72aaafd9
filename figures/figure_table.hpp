// What a figure is called, of which kind it is and how it is read.
//
// Plain descriptions, made once by figures/catalogue.cpp and only read from then on; any thread.
// A family is what a reader of metrics knows: a name with a help text. A table describes the
// figures of one sort of actor: each row is a figure of it, and belongs to a family.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/figures.hpp"

namespace turnstile::figures {

enum class kind : std::uint8_t { counter, gauge, histogram };

struct family {
  std::string_view name;  ///< As Prometheus names it: in base units, counters with `_total`.
  figures::kind kind = kind::counter;
  std::string_view unit;
  std::string_view help;
  std::string_view label;     ///< Whose value the row says; empty: it has none.
  std::string_view instance;  ///< Which actor or partition; empty: all are added up.
};

/// By the clocks of whoever reads.
struct moment {
  std::int64_t steady_ms = 0;
  std::int64_t wall_ms = 0;  ///< Since the epoch.
};

/// Nothing: not known.
using reader = std::function<std::optional<std::int64_t>(const void* figures, const moment& at)>;

/// How the figures of several actors or partitions become one. `…_of_all`: not known where one of
/// them is not, as those that are would look as if all were well.
enum class merging : std::uint8_t { sum, sum_of_all, most, most_of_all, none };

struct row {
  const figures::family* family = nullptr;
  std::string_view label_value;
  reader read;                                                        ///< Null: a histogram.
  std::function<const core::latency_figure*(const void*)> latencies;  ///< Of a histogram.
  double scale = 1;  ///< From what is stored to the family's unit.
  merging merge = merging::sum;
  bool of_all = false;  ///< All instances are added up, though others of the family are not.
  /// Of a family that is one 0 or 1 for each state: their names. The value is the index.
  const std::vector<std::string_view>* states = nullptr;

  // Names in the metrics log; empty: it is not there.
  std::string_view log;               ///< The value.
  std::string_view log_rate;          ///< Its growth a second since the last line.
  std::string_view log_p50, log_p99;  ///< Of a histogram, in milliseconds, since the last line.
  double log_scale = 0;               ///< 0: as `scale`.
  bool in_process_line = false;       ///< That of all partitions is in the process' line too.

  [[nodiscard]] double scale_in_log() const { return log_scale > 0 ? log_scale : scale; }
};

struct table {
  std::string_view actor;     ///< In the log.
  std::string_view instance;  ///< The log's name for which of them; empty: there is one.
  std::vector<row> rows;
};

[[nodiscard]] const table& group_table();
[[nodiscard]] const table& partition_table();
[[nodiscard]] const table& transformer_table();
[[nodiscard]] const table& error_router_table();
[[nodiscard]] const table& producer_table();
[[nodiscard]] const table& summary_table();
[[nodiscard]] const table& worker_table();
[[nodiscard]] const table& process_table();

/// Families that are 1 for ever, and whose labels say something.
[[nodiscard]] std::vector<const family*> facts();

/// All tables, in the order of the catalogue.
[[nodiscard]] std::vector<const table*> all_tables();

}  // namespace turnstile::figures
