#include "actors/metrics_reporter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/log.hpp"

namespace turnstile::actors {

using namespace messages;
using core::log_field;
using core::log_info;

namespace {

constexpr double bytes_per_mib = 1024.0 * 1024.0;

constexpr std::chrono::milliseconds watch_interval{1000};

/// -1 stands for what is not known (yet).
log_field known(std::string_view name, std::int64_t value) {
  return value < 0 ? log_field{name, std::nullopt} : log_field{name, value};
}

/// `reason:count` of those that occurred.
std::string reasons_text(const core::error_router_figures& figures) {
  std::string text;
  for (std::size_t i = 0; i < core::reason_count; ++i) {
    const std::int64_t count = figures.by_reason[i].get();
    if (count == 0) continue;
    if (!text.empty()) text += ',';
    text.append(core::reason_names[i]).append(":").append(std::to_string(count));
  }
  return text;
}

log_field quantile_ms(std::string_view name, const core::latency_figure::counts& counts, double q) {
  const std::int64_t us = core::latency_figure::quantile(counts, q);
  return us == 0 ? log_field{name, std::nullopt}
                 : log_field{name, static_cast<double>(us) / 1000.0};
}

}  // namespace

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void metrics_reporter_state::start(metrics_reporter_args args) {
  args_ = std::move(args);
  transformers_.resize(args_.figures->transformers.size());
  producers_.resize(args_.figures->producers.size());
  started_ = reported_ = self_->clock().now();
  (void)cpu_us_.growth(args_.read_process().cpu_us);
  const auto me = handle_of<metrics_reporter_actor>(self_);
  tell_after(me, args_.interval, tick{});
  tell_after(me, watch_interval, watch_tick{});
}

void metrics_reporter_state::watch_outcomes() {
  outcome_watch::totals now;
  now.processed = args_.figures->summary->processed.get();
  now.filtered = args_.figures->summary->filtered.get();
  for (std::size_t i = 0; i < core::reason_count; ++i)
    now.by_reason[i] = args_.figures->error_router->by_reason[i].get();
  outcomes_.note(now, self_->clock().now());
  tell_after(handle_of<metrics_reporter_actor>(self_), watch_interval, watch_tick{});
}

void metrics_reporter_state::report_by_timer() {
  report();
  tell_after(handle_of<metrics_reporter_actor>(self_), args_.interval, tick{});
}

void metrics_reporter_state::report() {
  const auto now = self_->clock().now();
  interval_s_ = std::chrono::duration<double>(now - reported_).count();
  reported_ = now;
  report_partitions();
  report_transformers();
  report_producers();
  report_error_router();
  report_summary();
  report_group();
  report_process();
}

double metrics_reporter_state::per_second(std::int64_t grown) const {
  return interval_s_ > 0 ? static_cast<double>(grown) / interval_s_ : 0;
}

void metrics_reporter_state::open(const partition_opened& opened) {
  partitions_[opened.figures->source] = {opened.figures, {}, {}};
}

void metrics_reporter_state::close(const partition_closed& closed) {
  partitions_.erase(closed.source);
}

metrics_reporter_state::partition_line metrics_reporter_state::read(
    known_partition& partition) const {
  const auto& f = *partition.figures;
  partition_line line;
  line.figures = &f;
  line.records = f.records.get();
  line.records_grown = partition.records.growth(line.records);
  line.bytes = f.bytes.get();
  line.in_flight = f.in_flight.get();
  line.position = f.position.get();
  line.committed = f.committed.get();
  line.blocked = f.blocked.get();
  line.blocked_grown = partition.blocked.growth(line.blocked);
  line.lag = f.lag(
      std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now().time_since_epoch())
          .count());
  line.held_back = f.held_back.get();
  line.rank = std::max(line.lag.value_or(0), f.lag_min());
  const std::int64_t oldest_ms = f.oldest_timestamp_ms.get();
  if (!line.lag)
    line.lag_s.reset();
  else if (*line.lag > 0 && oldest_ms >= 0)
    line.lag_s =
        static_cast<double>(std::max<std::int64_t>(0, args_.now_ms() - oldest_ms)) / 1000.0;
  return line;
}

core::latency_figure::counts metrics_reporter_state::counted_latencies::growth(
    const core::latency_figure::counts& now) {
  core::latency_figure::counts grown{};
  for (std::size_t i = 0; i < grown.size(); ++i) grown[i] = now[i] - last_[i];
  last_ = now;
  return grown;
}

void metrics_reporter_state::report_partitions() {
  std::vector<partition_line> lines;
  for (auto& [source, partition] : partitions_) lines.push_back(read(partition));
  all_ = sum_of(lines, 0);
  std::size_t own_lines = lines.size();
  if (lines.size() > partitions_with_line_max) {
    own_lines = partitions_with_line;
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.rank > b.rank; });
  }
  for (std::size_t i = 0; i < own_lines; ++i) report_partition(lines[i]);
  if (own_lines < lines.size()) report_other_partitions(lines, own_lines);
}

void metrics_reporter_state::report_partition(const partition_line& line) const {
  log_info("metrics", {{"actor", "partition_consumer"},
                       {"partition", line.figures->source.partition},
                       {"records", line.records},
                       {"records_per_s", per_second(line.records_grown)},
                       {"bytes", line.bytes},
                       {"in_flight", line.in_flight},
                       known("position", line.position),
                       known("committed", line.committed),
                       {"lag_records", line.lag},
                       {"lag_s", line.lag_s},
                       {"held_back", line.held_back},
                       {"blocked", line.blocked},
                       {"blocked_per_s", per_second(line.blocked_grown)}});
}

/// Without any, and where one is not known, the lag is not known: a sum of the others would look as
/// if all were well.
metrics_reporter_state::partition_line metrics_reporter_state::sum_of(
    const std::vector<partition_line>& lines, std::size_t from) {
  partition_line sum;
  if (from == lines.size()) sum.lag.reset(), sum.lag_s.reset();
  for (std::size_t i = from; i < lines.size(); ++i) {
    const auto& line = lines[i];
    sum.records += line.records;
    sum.records_grown += line.records_grown;
    sum.bytes += line.bytes;
    sum.in_flight += line.in_flight;
    sum.held_back += line.held_back;
    sum.blocked += line.blocked;
    sum.blocked_grown += line.blocked_grown;
    if (!line.lag) sum.lag.reset(), sum.lag_s.reset();
    if (!sum.lag) continue;
    *sum.lag += *line.lag;
    sum.lag_s = std::max(sum.lag_s, line.lag_s);
  }
  return sum;
}

void metrics_reporter_state::report_other_partitions(const std::vector<partition_line>& lines,
                                                     std::size_t from) const {
  const partition_line sum = sum_of(lines, from);
  log_info("metrics", {{"actor", "partition_consumer"},
                       {"partition", "others"},
                       {"partitions", lines.size() - from},
                       {"records", sum.records},
                       {"records_per_s", per_second(sum.records_grown)},
                       {"bytes", sum.bytes},
                       {"in_flight", sum.in_flight},
                       {"lag_records", sum.lag},
                       {"lag_s", sum.lag_s},
                       {"held_back", sum.held_back},
                       {"blocked", sum.blocked},
                       {"blocked_per_s", per_second(sum.blocked_grown)}});
}

void metrics_reporter_state::report_transformers() {
  for (std::size_t i = 0; i < transformers_.size(); ++i) {
    const auto& f = *args_.figures->transformers[i];
    auto& [records, busy_us] = transformers_[i];
    const std::int64_t records_now = f.records.get();
    log_info("metrics", {{"actor", "transformer"},
                         {"index", i},
                         {"batches", f.batches.get()},
                         {"records", records_now},
                         {"records_per_s", per_second(records.growth(records_now))},
                         {"busy", per_second(busy_us.growth(f.busy_us.get())) / 1e6},
                         {"processed", f.processed.get()},
                         {"filtered", f.filtered.get()},
                         {"failed", f.failed.get()}});
  }
}

void metrics_reporter_state::report_producers() {
  for (std::size_t i = 0; i < producers_.size(); ++i) {
    const auto& f = *args_.figures->producers[i];
    auto& last = producers_[i];
    const std::int64_t acknowledged = f.acknowledged.get();
    const auto acknowledgement = last.acknowledgement.growth(f.acknowledgement.read());
    const auto commit = last.commit.growth(f.commit.read());
    log_info("metrics", {{"actor", "producer"},
                         {"index", i},
                         {"sent", f.sent.get()},
                         {"acknowledged", acknowledged},
                         {"acknowledged_per_s", per_second(last.acknowledged.growth(acknowledged))},
                         {"failed", f.failed.get()},
                         {"refused", f.refused.get()},
                         {"queued", f.queued.get()},
                         {"retries", f.retries.get()},
                         {"rebuilds", f.rebuilds.get()},
                         {"waiting", f.waiting.get()},
                         {"possible_repeats", f.possible_repeats.get()},
                         quantile_ms("ack_ms_p50", acknowledgement, 0.5),
                         quantile_ms("ack_ms_p99", acknowledgement, 0.99),
                         {"transactions", f.commits.get()},
                         {"aborted", f.aborts.get()},
                         quantile_ms("commit_ms_p50", commit, 0.5),
                         quantile_ms("commit_ms_p99", commit, 0.99)});
  }
}

void metrics_reporter_state::report_error_router() const {
  const auto& f = *args_.figures->error_router;
  std::int64_t errors = 0;
  for (const auto& count : f.by_reason) errors += count.get();
  const auto reasons = reasons_text(f);
  log_info("metrics", {{"actor", "error_router"},
                       {"errors", errors},
                       {"reasons", reasons.empty() ? std::nullopt : std::optional{reasons}}});
}

void metrics_reporter_state::report_summary() const {
  const auto& f = *args_.figures->summary;
  log_info("metrics", {{"actor", "summary"},
                       {"received", f.received.get()},
                       {"processed", f.processed.get()},
                       {"filtered", f.filtered.get()},
                       {"failed", f.failed.get()},
                       {"published", f.published.get()},
                       {"last_sequence", f.last_sequence.get()}});
}

void metrics_reporter_state::report_group() const {
  const auto& f = *args_.figures->group;
  log_info("metrics", {{"actor", "group_consumer"},
                       {"partitions", f.partitions.get()},
                       {"assignments", f.assignments.get()},
                       {"revocations", f.revocations.get()},
                       {"losses", f.losses.get()},
                       {"commits", f.commits.get()},
                       {"commit_failures", f.commit_failures.get()},
                       {"possible_repeats", f.possible_repeats.get()}});
}

void metrics_reporter_state::report_process() {
  const auto stats = args_.read_process();
  const auto rss = log_field{"rss_mib", static_cast<double>(stats.rss_bytes) / bytes_per_mib};
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(reported_ - started_);
  log_info("metrics",
           {{"actor", "process"},
            {"records_per_s", per_second(finished_.growth(args_.figures->summary->received.get()))},
            {"lag_records", all_.lag},
            {"lag_s", all_.lag_s},
            {"held_back", all_.held_back},
            {"cpu", per_second(cpu_us_.growth(stats.cpu_us)) / 1e6},
            stats.rss_bytes < 0 ? log_field{"rss_mib", std::nullopt} : rss,
            {"uptime_s", uptime.count()}});
}

metrics_reporter_actor::behavior_type metrics_reporter(metrics_reporter_state::self_ptr self,
                                                       metrics_reporter_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](const tick&) { state.report_by_timer(); },
      [&state](const watch_tick&) { state.watch_outcomes(); },
      [&state](const partition_opened& opened) { state.open(opened); },
      [&state](const partition_closed& closed) { state.close(closed); },
      [&state](const report_last&) { state.report(); },
  };
}

}  // namespace turnstile::actors
