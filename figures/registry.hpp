// All figures of one worker, and what renders them: the log, a table, an endpoint.
//
// One for each worker, shared by its actors (each writes its own figures) and its readers.
// THREAD: any. Actors and partitions are read without asking them; a figure costs its actor a
// relaxed store, read or not. GUARANTEES: what is added up over partitions never falls when one of
// them is given back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/figures.hpp"
#include "core/process_stats.hpp"
#include "figures/figure_table.hpp"

namespace turnstile::figures {

/// The figures of one actor or partition as they are now; or of several, merged.
struct reading {
  const figures::table* table = nullptr;
  std::string instance;   ///< Its index or partition; empty: there is one.
  std::uint64_t id = 0;   ///< Of this actor or partition, and never of another.
  std::int64_t rank = 0;  ///< Of a partition: how far it is behind, at least.
  std::vector<std::optional<std::int64_t>> values;     ///< For each row.
  std::vector<const core::latency_figure*> latencies;  ///< For each row; or null.

  /// Of the row that the log names so. Nothing: there is none, or it is not known.
  [[nodiscard]] std::optional<std::int64_t> value_of(std::string_view log_name) const;
};

[[nodiscard]] std::optional<std::int64_t> merged(merging how, std::optional<std::int64_t> before,
                                                 std::optional<std::int64_t> more);
/// As their rows say. `of` nothing: counters are 0, the others are not known.
[[nodiscard]] reading merged(const table& table, const std::vector<reading>& of);

/// Whether an actor has answered of late.
struct sign_of_life {
  std::string_view actor;
  std::string instance;
  std::int64_t seen_ms = 0;  ///< By the steady clock; 0: it has not begun.
};

class registry {
public:
  registry(std::size_t transformer_count, std::size_t producer_count);

  // Written by one actor each.
  const std::shared_ptr<core::worker_figures> worker = std::make_shared<core::worker_figures>();
  const std::shared_ptr<core::group_figures> group = std::make_shared<core::group_figures>();
  const std::shared_ptr<core::error_router_figures> error_router =
      std::make_shared<core::error_router_figures>();
  const std::shared_ptr<core::summary_figures> summary = std::make_shared<core::summary_figures>();
  const std::shared_ptr<core::life_figure> reporter = std::make_shared<core::life_figure>();
  std::vector<std::shared_ptr<core::transformer_figures>> transformers;
  std::vector<std::shared_ptr<core::producer_figures>> producers;

  /// A partition that is open already is replaced.
  void open(std::shared_ptr<const core::partition_figures> partition);
  void close(core::partition_epoch source);

  /// In the order of their numbers.
  [[nodiscard]] std::vector<reading> partitions(const moment& now) const;
  /// When the leader of any of them last told where it ends, by the steady clock; nothing: none
  /// has, or there are no partitions.
  [[nodiscard]] std::optional<std::int64_t> leaders_told_ms() const;
  /// Of partitions that were closed, what is added up over all of them.
  [[nodiscard]] reading closed_partitions() const;
  /// All others, the process last.
  [[nodiscard]] std::vector<reading> actors(const moment& now,
                                            const core::process_stats& process) const;

  [[nodiscard]] std::vector<sign_of_life> signs_of_life() const;

private:
  struct known_partition {
    std::shared_ptr<const core::partition_figures> figures;
    std::uint64_t id = 0;
  };
  void retire(const known_partition& partition);

  mutable std::mutex mutex_;
  std::map<std::int32_t, known_partition> partitions_;
  std::vector<std::int64_t> closed_;  ///< For each row of partition_table, where it is a counter.
  std::uint64_t last_id_ = 1000;      ///< Above those of the actors.
};

/// By this machine's clocks.
[[nodiscard]] moment now();

}  // namespace turnstile::figures
