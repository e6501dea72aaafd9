// Writes everyone's figures to the log, one line for each actor and one for the process.
//
// One for each worker, spawned and ended by it. Reads the registry without asking the figures'
// owners, so an actor that hangs is still seen; notes in it which partitions there are. Totals
// count from the start; names that end in `_per_s`, shares and latencies are of the interval since
// the last report. What a figure is called: figures/catalogue.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "actors/outcome_watch.hpp"
#include "core/log.hpp"
#include "core/process_stats.hpp"
#include "figures/registry.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// Above `partitions_with_line_max` partitions only the `partitions_with_line` with most lag have a
/// line of their own; the others share one.
inline constexpr std::size_t partitions_with_line_max = 64;
inline constexpr std::size_t partitions_with_line = 16;

struct metrics_reporter_args {
  std::shared_ptr<figures::registry> figures;
  std::chrono::milliseconds interval;
  std::function<std::int64_t()> now_ms = core::wall_clock_ms;
  std::function<core::process_stats()> read_process = core::read_process_stats;
};

class metrics_reporter_state {
public:
  static inline const char* name = "metrics_reporter";
  using self_ptr = messages::metrics_reporter_actor::stateful_pointer<metrics_reporter_state>;

  explicit metrics_reporter_state(self_ptr self) : self_(self) {}

  void start(metrics_reporter_args args);
  void report_by_timer();
  void report();
  void watch_outcomes();
  void open(const messages::partition_opened& opened);
  void close(const messages::partition_closed& closed);
  void show_life() { args_.figures->reporter->note(); }

private:
  using line = std::vector<core::log_field>;
  using readings = std::vector<figures::reading>;
  using times = core::latency_figure::counts;

  /// The figures of one actor or partition as they were at the last report.
  struct reported {
    std::vector<std::int64_t> values;
    std::map<std::size_t, times> latencies;  ///< Of the rows that have them.
  };
  /// What one has, and how it has grown since the last report.
  struct grown_reading {
    figures::reading now;
    std::vector<std::int64_t> growth;
    std::map<std::size_t, times> latencies;
  };

  using all_reported = std::map<std::uint64_t, reported>;
  /// `last` becomes what `of` says.
  [[nodiscard]] static std::vector<grown_reading> grown(readings of, all_reported& last);
  void report_partitions(std::vector<grown_reading> partitions) const;
  void report_actor(const grown_reading& actor) const;
  void report_error_router(const figures::reading& errors) const;
  void report_process(const grown_reading& process, const readings& partitions,
                      std::int64_t finished) const;
  [[nodiscard]] static line begin_line(const figures::table& table);
  void append(line& to, const figures::row& row, std::optional<std::int64_t> value,
              std::int64_t growth) const;
  void append_all(line& to, const grown_reading& of) const;
  [[nodiscard]] figures::moment moment() const;

  self_ptr self_;
  metrics_reporter_args args_;
  all_reported last_actors_, last_partitions_;

  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point reported_{};
  double interval_s_ = 0;  ///< Between the last report and this one.
  outcome_watch outcomes_;
};

/// Accepts  tick and watch_tick (from itself) · partition_opened · partition_closed · report_last ·
///          show_life
/// Sends    nothing but log events
/// Stops    on EXIT from the worker, after report_last
messages::metrics_reporter_actor::behavior_type metrics_reporter(
    metrics_reporter_state::self_ptr self, metrics_reporter_args args);

}  // namespace turnstile::actors
