#include "actors/metrics_reporter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "figures/families.hpp"

namespace turnstile::actors {

using namespace messages;
using core::log_field;

namespace {

constexpr std::chrono::milliseconds watch_interval{1000};

log_field quantile_ms(std::string_view name, const core::latency_figure::counts& counts, double q) {
  const std::int64_t us = core::latency_figure::quantile(counts, q);
  return us == 0 ? log_field{name, std::nullopt}
                 : log_field{name, static_cast<double>(us) / 1000.0};
}

log_field value_field(const figures::row& row, std::optional<std::int64_t> value) {
  if (!value) return {row.log, std::nullopt};
  if (row.states != nullptr) return {row.log, row.states->at(static_cast<std::size_t>(*value))};
  const double scale = row.scale_in_log();
  return scale == 1 ? log_field{row.log, *value}
                    : log_field{row.log, static_cast<double>(*value) * scale};
}

core::latency_figure::counts difference(const core::latency_figure::counts& now,
                                        const core::latency_figure::counts& before) {
  core::latency_figure::counts grown{};
  for (std::size_t i = 0; i < grown.size(); ++i) grown[i] = now[i] - before[i];
  return grown;
}

}  // namespace

void metrics_reporter_state::start(metrics_reporter_args args) {
  args_ = std::move(args);
  args_.figures->reporter->note();
  started_ = reported_ = self_->clock().now();
  // The process has used CPU time before.
  (void)grown(args_.figures->actors(moment(), args_.read_process()), last_actors_);
  const auto me = handle_of<metrics_reporter_actor>(self_);
  tell_after(me, args_.interval, tick{});
  tell_after(me, watch_interval, watch_tick{});
}

figures::moment metrics_reporter_state::moment() const {
  const auto since = self_->clock().now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count(), args_.now_ms()};
}

void metrics_reporter_state::watch_outcomes() {
  outcome_watch::totals now;
  now.processed = args_.figures->summary->processed.get();
  now.filtered = args_.figures->summary->filtered.get();
  for (std::size_t i = 0; i < core::reason_count; ++i)
    now.by_reason[i] = args_.figures->error_router->by_reason[i].get();
  outcomes_.note(now, self_->clock().now());
  args_.figures->reporter->note();
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
  const auto partitions = args_.figures->partitions(moment());
  const auto actors = grown(args_.figures->actors(moment(), args_.read_process()), last_actors_);
  report_partitions(grown(partitions, last_partitions_));
  std::int64_t finished = 0;
  for (const auto& actor : actors) {
    if (actor.now.table == &figures::error_router_table()) {
      report_error_router(actor.now);
    } else if (actor.now.table == &figures::process_table()) {
      report_process(actor, partitions, finished);
    } else {
      report_actor(actor);
      if (actor.now.table == &figures::summary_table()) finished = actor.growth.front();
    }
  }
}

void metrics_reporter_state::open(const partition_opened& opened) {
  args_.figures->open(opened.figures);
}

void metrics_reporter_state::close(const partition_closed& closed) {
  args_.figures->close(closed.source);
}

std::vector<metrics_reporter_state::grown_reading> metrics_reporter_state::grown(
    readings of, all_reported& last_report) {
  std::vector<grown_reading> all;
  all_reported fresh;
  for (auto& now : of) {
    auto& last = fresh[now.id];
    if (const auto known = last_report.find(now.id); known != last_report.end())
      last = std::move(known->second);
    last.values.resize(now.values.size());
    grown_reading one;
    for (std::size_t i = 0; i < now.values.size(); ++i) {
      const std::int64_t value = now.values[i].value_or(0);
      one.growth.push_back(value - std::exchange(last.values[i], value));
      if (now.latencies[i] == nullptr) continue;
      const auto counts = now.latencies[i]->read();
      one.latencies[i] = difference(counts, last.latencies[i]);
      last.latencies[i] = counts;
    }
    one.now = std::move(now);
    all.push_back(std::move(one));
  }
  last_report = std::move(fresh);
  return all;
}

metrics_reporter_state::line metrics_reporter_state::begin_line(const figures::table& table) {
  return {log_field{"actor", table.actor}};
}

void metrics_reporter_state::append(line& to, const figures::row& row,
                                    std::optional<std::int64_t> value, std::int64_t growth) const {
  if (!row.log.empty()) to.push_back(value_field(row, value));
  if (row.log_rate.empty()) return;
  const double rate = interval_s_ > 0 ? static_cast<double>(growth) / interval_s_ : 0;
  to.emplace_back(row.log_rate, rate * row.scale_in_log());
}

void metrics_reporter_state::append_all(line& to, const grown_reading& of) const {
  for (std::size_t i = 0; i < of.growth.size(); ++i) {
    const auto& row = of.now.table->rows[i];
    append(to, row, of.now.values[i], of.growth[i]);
    if (row.log_p50.empty()) continue;
    to.push_back(quantile_ms(row.log_p50, of.latencies.at(i), 0.5));
    to.push_back(quantile_ms(row.log_p99, of.latencies.at(i), 0.99));
  }
}

void metrics_reporter_state::report_actor(const grown_reading& actor) const {
  auto fields = begin_line(*actor.now.table);
  if (!actor.now.table->instance.empty())
    fields.emplace_back(actor.now.table->instance, std::stoll(actor.now.instance));
  append_all(fields, actor);
  core::log_with(core::severity::info, "metrics", fields);
}

void metrics_reporter_state::report_partitions(std::vector<grown_reading> partitions) const {
  std::size_t own_lines = partitions.size();
  if (partitions.size() > partitions_with_line_max) {
    own_lines = partitions_with_line;
    std::ranges::stable_sort(partitions, std::greater{},
                             [](const auto& one) { return one.now.rank; });
  }
  for (std::size_t i = 0; i < own_lines; ++i) report_actor(partitions[i]);
  if (own_lines == partitions.size()) return;
  const auto& table = figures::partition_table();
  readings others;
  std::vector<std::int64_t> growth(table.rows.size());
  for (std::size_t i = own_lines; i < partitions.size(); ++i) {
    others.push_back(std::move(partitions[i].now));
    for (std::size_t r = 0; r < growth.size(); ++r) growth[r] += partitions[i].growth[r];
  }
  const auto sum = figures::merged(table, others);
  auto fields = begin_line(table);
  fields.emplace_back(table.instance, "others");
  fields.emplace_back("partitions", others.size());
  for (std::size_t r = 0; r < growth.size(); ++r)
    if (table.rows[r].merge != figures::merging::none)
      append(fields, table.rows[r], sum.values[r], growth[r]);
  core::log_with(core::severity::info, "metrics", fields);
}

void metrics_reporter_state::report_error_router(const figures::reading& errors) const {
  std::int64_t sum = 0;
  std::string reasons;
  for (std::size_t i = 0; i < errors.values.size(); ++i) {
    const auto count = errors.values[i].value_or(0);
    if (count == 0 || errors.table->rows[i].family != &figures::families::errors) continue;
    sum += count;
    if (!reasons.empty()) reasons += ',';
    reasons.append(errors.table->rows[i].label_value).append(":").append(std::to_string(count));
  }
  auto fields = begin_line(*errors.table);
  fields.emplace_back("errors", sum);
  fields.emplace_back("reasons", reasons.empty() ? std::nullopt : std::optional{reasons});
  core::log_with(core::severity::info, "metrics", fields);
}

void metrics_reporter_state::report_process(const grown_reading& process,
                                            const readings& partitions,
                                            std::int64_t finished) const {
  auto fields = begin_line(*process.now.table);
  fields.emplace_back("records_per_s",
                      interval_s_ > 0 ? static_cast<double>(finished) / interval_s_ : 0.0);
  const auto all = figures::merged(figures::partition_table(), partitions);
  for (std::size_t i = 0; i < all.values.size(); ++i)
    if (all.table->rows[i].in_process_line)
      fields.push_back(value_field(all.table->rows[i], all.values[i]));
  append_all(fields, process);
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(reported_ - started_);
  fields.emplace_back("uptime_s", uptime.count());
  core::log_with(core::severity::info, "metrics", fields);
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
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
