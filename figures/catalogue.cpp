// Every actor's figures: the family of each, how it is read, its name in the metrics log.

#include <algorithm>
#include <array>
#include <utility>

#include "core/process_stats.hpp"
#include "figures/families.hpp"

namespace turnstile::figures {

namespace {

using namespace families;

constexpr double from_us = 1e-6;
constexpr double from_ms = 1e-3;
constexpr double to_mib = 1.0 / (1024 * 1024);

/// The figure `at` of what the table describes.
template <typename Figures>
reader value(core::figure Figures::*at) {
  return [at](const void* of, const moment& /*now*/) {
    return std::optional{(static_cast<const Figures*>(of)->*at).get()};
  };
}

/// The same, where -1 stands for what is not known.
template <typename Figures>
reader known(core::figure Figures::*at) {
  return [at](const void* of, const moment& /*now*/) {
    const std::int64_t now = (static_cast<const Figures*>(of)->*at).get();
    return now < 0 ? std::nullopt : std::optional{now};
  };
}

/// The same of a plain number.
template <typename Figures>
reader known(std::int64_t Figures::*at) {
  return [at](const void* of, const moment& /*now*/) {
    const std::int64_t now = static_cast<const Figures*>(of)->*at;
    return now < 0 ? std::nullopt : std::optional{now};
  };
}

template <typename Figures>
auto times(core::latency_figure Figures::*at) {
  return [at](const void* of) { return &(static_cast<const Figures*>(of)->*at); };
}

std::optional<std::int64_t> lag_of(const void* of, const moment& now) {
  return static_cast<const core::partition_figures*>(of)->lag(now.steady_ms);
}

/// Nothing to wait for is no age.
std::optional<std::int64_t> lag_ms_of(const void* of, const moment& now) {
  const auto& f = *static_cast<const core::partition_figures*>(of);
  const auto lag = f.lag(now.steady_ms);
  if (!lag) return {};
  const std::int64_t oldest_ms = f.oldest_timestamp_ms.get();
  if (*lag == 0 || oldest_ms < 0) return 0;
  return std::max<std::int64_t>(0, now.wall_ms - oldest_ms);
}

/// No longer than the oldest record has waited: before it there was nothing to commit.
std::optional<std::int64_t> standstill_ms_of(const void* of, const moment& now) {
  const auto waited = lag_ms_of(of, now);
  const std::int64_t moved_ms = static_cast<const core::partition_figures*>(of)->moved_ms.get();
  if (!waited || *waited == 0 || moved_ms < 0) return waited;
  return std::clamp<std::int64_t>(now.steady_ms - moved_ms, 0, *waited);
}

template <std::size_t Count>
std::vector<std::string_view> names_of(const std::array<std::string_view, Count>& names) {
  return {names.begin(), names.end()};
}

table make_error_router_table() {
  table made{.actor = "error_router"};
  for (std::size_t i = 0; i < core::reason_count; ++i)
    made.rows.push_back(
        {.family = &errors,
         .label_value = core::reason_names[i],
         .read = [i](const void* of, const moment& /*now*/) -> std::optional<std::int64_t> {
           return static_cast<const core::error_router_figures*>(of)->by_reason[i].get();
         }});
  made.rows.push_back({.family = &busy,
                       .label_value = "error_router",
                       .read = value(&core::error_router_figures::busy_us),
                       .scale = from_us});
  return made;
}

}  // namespace

const table& partition_table() {
  using f = core::partition_figures;
  static const table made{
      .actor = "partition_consumer",
      .instance = "partition",
      .rows = {
          {.family = &read_records,
           .read = value(&f::records),
           .log = "records",
           .log_rate = "records_per_s"},
          {.family = &record_bytes, .label_value = "in", .read = value(&f::bytes), .log = "bytes"},
          {.family = &in_flight, .read = value(&f::in_flight), .log = "in_flight"},
          {.family = &position,
           .read = known(&f::position),
           .merge = merging::none,
           .log = "position"},
          {.family = &committed,
           .read = known(&f::committed),
           .merge = merging::none,
           .log = "committed"},
          {.family = &lag_records,
           .read = lag_of,
           .merge = merging::sum_of_all,
           .log = "lag_records",
           .in_process_line = true},
          {.family = &lag_seconds,
           .read = lag_ms_of,
           .scale = from_ms,
           .merge = merging::most_of_all,
           .log = "lag_s",
           .in_process_line = true},
          {.family = &standstill,
           .read = standstill_ms_of,
           .scale = from_ms,
           .merge = merging::most_of_all},
          {.family = &held_back,
           .read = value(&f::held_back),
           .log = "held_back",
           .in_process_line = true},
          {.family = &blocked,
           .read = value(&f::blocked),
           .log = "blocked",
           .log_rate = "blocked_per_s"},
          {.family = &removed_records, .read = value(&f::removed)},
          {.family = &busy,
           .label_value = "partition_consumer",
           .read = value(&f::busy_us),
           .scale = from_us,
           .of_all = true},
      }};
  return made;
}

const table& transformer_table() {
  using f = core::transformer_figures;
  static const table made{.actor = "transformer",
                          .instance = "index",
                          .rows = {
                              {.family = &batches, .read = value(&f::batches), .log = "batches"},
                              {.family = &transformed,
                               .read = value(&f::records),
                               .log = "records",
                               .log_rate = "records_per_s"},
                              {.family = &busy,
                               .label_value = "transformer",
                               .read = value(&f::busy_us),
                               .scale = from_us,
                               .log_rate = "busy"},
                              {.family = &transformed_as,
                               .label_value = "processed",
                               .read = value(&f::processed),
                               .log = "processed"},
                              {.family = &transformed_as,
                               .label_value = "filtered",
                               .read = value(&f::filtered),
                               .log = "filtered"},
                              {.family = &transformed_as,
                               .label_value = "failed",
                               .read = value(&f::failed),
                               .log = "failed"},
                              {.family = &unknown_fields, .read = value(&f::unknown_fields)},
                          }};
  return made;
}

const table& error_router_table() {
  static const table made = make_error_router_table();
  return made;
}

const table& producer_table() {
  using f = core::producer_figures;
  static const auto phases = names_of(core::producer_phase_names);
  static const table made{
      .actor = "producer",
      .instance = "index",
      .rows = {
          {.family = &busy,
           .label_value = "producer",
           .read = value(&f::busy_us),
           .scale = from_us},
          {.family = &sent, .read = value(&f::sent), .log = "sent"},
          {.family = &acknowledged,
           .read = value(&f::acknowledged),
           .log = "acknowledged",
           .log_rate = "acknowledged_per_s"},
          {.family = &failed, .read = value(&f::failed), .log = "failed"},
          {.family = &refused, .read = value(&f::refused), .log = "refused"},
          {.family = &queued, .read = value(&f::queued), .log = "queued"},
          {.family = &retries, .read = value(&f::retries), .log = "retries"},
          {.family = &rebuilds, .read = value(&f::rebuilds), .log = "rebuilds"},
          {.family = &waiting, .read = value(&f::waiting), .log = "waiting"},
          {.family = &possible_repeats,
           .label_value = "delivery",
           .read = value(&f::possible_repeats),
           .log = "possible_repeats"},
          {.family = &acknowledgement,
           .latencies = times(&f::acknowledgement),
           .log_p50 = "ack_ms_p50",
           .log_p99 = "ack_ms_p99"},
          {.family = &transactions,
           .label_value = "committed",
           .read = value(&f::commits),
           .log = "transactions"},
          {.family = &transactions,
           .label_value = "aborted",
           .read = value(&f::aborts),
           .log = "aborted"},
          {.family = &transaction_seconds, .latencies = times(&f::transaction)},
          {.family = &transaction_commit_seconds,
           .latencies = times(&f::commit),
           .log_p50 = "commit_ms_p50",
           .log_p99 = "commit_ms_p99"},
          {.family = &last_commit,
           .read = known(&f::last_commit_ms),
           .scale = from_ms,
           .merge = merging::most},
          {.family = &producer_phase, .read = value(&f::phase), .states = &phases, .log = "phase"},
      }};
  return made;
}

const table& summary_table() {
  using f = core::summary_figures;
  static const table made{
      .actor = "summary",
      .rows = {
          {.family = &finished, .read = value(&f::received), .log = "received"},
          {.family = &records,
           .label_value = "processed",
           .read = value(&f::processed),
           .log = "processed"},
          {.family = &records,
           .label_value = "filtered",
           .read = value(&f::filtered),
           .log = "filtered"},
          {.family = &records, .label_value = "failed", .read = value(&f::failed), .log = "failed"},
          {.family = &summaries, .read = value(&f::published), .log = "published"},
          {.family = &sequence, .read = value(&f::last_sequence), .log = "last_sequence"},
          {.family = &record_bytes, .label_value = "out", .read = value(&f::bytes)},
          {.family = &busy, .label_value = "summary", .read = value(&f::busy_us), .scale = from_us},
          {.family = &end_to_end, .latencies = times(&f::end_to_end)},
      }};
  return made;
}

const table& group_table() {
  using f = core::group_figures;
  static const auto states = names_of(core::group_membership_names);
  static const table made{
      .actor = "group_consumer",
      .rows = {
          {.family = &assigned, .read = value(&f::partitions), .log = "partitions"},
          {.family = &rebalances,
           .label_value = "assignment",
           .read = value(&f::assignments),
           .log = "assignments"},
          {.family = &rebalances,
           .label_value = "revocation",
           .read = value(&f::revocations),
           .log = "revocations"},
          {.family = &rebalances,
           .label_value = "loss",
           .read = value(&f::losses),
           .log = "losses"},
          {.family = &commits, .read = value(&f::commits), .log = "commits"},
          {.family = &commit_failures,
           .read = value(&f::commit_failures),
           .log = "commit_failures"},
          {.family = &possible_repeats,
           .label_value = "rebalance",
           .read = value(&f::possible_repeats),
           .log = "possible_repeats"},
          {.family = &busy,
           .label_value = "group_consumer",
           .read = value(&f::busy_us),
           .scale = from_us},
          {.family = &commit_seconds, .latencies = times(&f::commit)},
          {.family = &last_commit,
           .read = known(&f::last_commit_ms),
           .scale = from_ms,
           .merge = merging::most},
          {.family = &membership, .read = value(&f::membership), .states = &states, .log = "state"},
      }};
  return made;
}

const table& worker_table() {
  using f = core::worker_figures;
  static const auto phases = names_of(core::worker_phase_names);
  static const table made{
      .actor = "worker",
      .rows = {
          {.family = &state, .read = value(&f::phase), .states = &phases, .log = "phase"},
          {.family = &reloads, .label_value = "done", .read = value(&f::reloads_done)},
          {.family = &reloads, .label_value = "refused", .read = value(&f::reloads_refused)},
          {.family = &key_ring_faults, .read = value(&f::key_ring_faults)},
      }};
  return made;
}

const table& process_table() {
  using f = core::process_stats;
  static const table made{
      .actor = "process",
      .rows = {
          {.family = &cpu, .read = known(&f::cpu_us), .scale = from_us, .log_rate = "cpu"},
          {.family = &resident,
           .read = known(&f::rss_bytes),
           .log = "rss_mib",
           .log_scale = to_mib},
          {.family = &virtual_bytes, .read = known(&f::virtual_bytes)},
          {.family = &open_files, .read = known(&f::open_files)},
          {.family = &most_files, .read = known(&f::most_files)},
          {.family = &started, .read = known(&f::started_ms), .scale = from_ms},
      }};
  return made;
}

std::vector<const family*> facts() {
  return {&families::build_info, &families::config_hash, &families::key_info};
}

std::vector<const table*> all_tables() {
  return {&partition_table(), &transformer_table(), &error_router_table(), &producer_table(),
          &summary_table(),   &group_table(),       &worker_table(),       &process_table()};
}

}  // namespace turnstile::figures
