// Writes everyone's figures to the log, one line for each actor and one for the process.
//
// One for each worker, spawned and ended by it. Reads the figures without asking their owners, so
// an actor that hangs is still seen; is told only which partitions there are. Totals count from the
// start; names that end in `_per_s`, shares and latencies are of the interval since the last
// report.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "actors/outcome_watch.hpp"
#include "core/figures.hpp"
#include "core/process_stats.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// The figures of all actors but the partition_consumers, which come and go.
struct worker_figures {
  worker_figures(std::size_t transformer_count, std::size_t producer_count) {
    for (std::size_t i = 0; i < transformer_count; ++i)
      transformers.push_back(std::make_shared<core::transformer_figures>());
    for (std::size_t i = 0; i < producer_count; ++i)
      producers.push_back(std::make_shared<core::producer_figures>());
  }

  std::shared_ptr<core::group_figures> group = std::make_shared<core::group_figures>();
  std::shared_ptr<core::error_router_figures> error_router =
      std::make_shared<core::error_router_figures>();
  std::shared_ptr<core::summary_figures> summary = std::make_shared<core::summary_figures>();
  std::vector<std::shared_ptr<core::transformer_figures>> transformers;
  std::vector<std::shared_ptr<core::producer_figures>> producers;
};

/// Above `partitions_with_line_max` partitions only the `partitions_with_line` with most lag have a
/// line of their own; the others share one.
inline constexpr std::size_t partitions_with_line_max = 64;
inline constexpr std::size_t partitions_with_line = 16;

/// Milliseconds since the epoch.
[[nodiscard]] std::int64_t wall_clock_ms();

struct metrics_reporter_args {
  std::shared_ptr<const worker_figures> figures;
  std::chrono::milliseconds interval;
  std::function<std::int64_t()> now_ms = wall_clock_ms;
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

private:
  /// A figure as it was at the last report.
  class counted {
  public:
    /// How much it has grown since the last call.
    std::int64_t growth(std::int64_t now) { return now - std::exchange(last_, now); }

  private:
    std::int64_t last_ = 0;
  };
  struct known_partition {
    std::shared_ptr<const core::partition_figures> figures;
    counted records, blocked;
  };
  /// One line about partitions: of one, or the sums of several.
  struct partition_line {
    std::int64_t records = 0, records_grown = 0, bytes = 0, in_flight = 0;
    std::int64_t position = -1, committed = -1;  ///< Of one; -1: unknown.
    std::optional<std::int64_t> lag = 0;
    std::optional<double> lag_s = 0;  ///< Of several: the largest.
    std::int64_t held_back = 0;
    std::int64_t rank = 0;  ///< By which those with a line of their own are chosen.
    std::int64_t blocked = 0, blocked_grown = 0;
    const core::partition_figures* figures = nullptr;
  };
  /// A latency_figure as it was at the last report.
  class counted_latencies {
  public:
    /// What has come since the last call.
    core::latency_figure::counts growth(const core::latency_figure::counts& now);

  private:
    core::latency_figure::counts last_{};
  };
  struct known_producer {
    counted acknowledged;
    counted_latencies acknowledgement, commit;
  };

  [[nodiscard]] partition_line read(known_partition& partition) const;
  void report_partitions();
  void report_partition(const partition_line& line) const;
  void report_other_partitions(const std::vector<partition_line>& lines, std::size_t from) const;
  [[nodiscard]] static partition_line sum_of(const std::vector<partition_line>& lines,
                                             std::size_t from);
  void report_transformers();
  void report_producers();
  void report_error_router() const;
  void report_summary() const;
  void report_group() const;
  void report_process();
  [[nodiscard]] double per_second(std::int64_t grown) const;

  self_ptr self_;
  metrics_reporter_args args_;
  std::map<core::partition_epoch, known_partition> partitions_;

  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point reported_{};
  double interval_s_ = 0;  ///< Between the last report and this one.
  partition_line all_;     ///< The sums over all partitions, at this report.
  std::vector<std::pair<counted, counted>> transformers_;  ///< Records and busy_us of each.
  std::vector<known_producer> producers_;
  counted finished_, cpu_us_;
  outcome_watch outcomes_;
};

/// Accepts  tick and watch_tick (from itself) · partition_opened · partition_closed · report_last
/// Sends    nothing but log events
/// Stops    on EXIT from the worker, after report_last
messages::metrics_reporter_actor::behavior_type metrics_reporter(
    metrics_reporter_state::self_ptr self, metrics_reporter_args args);

}  // namespace turnstile::actors
