#include "figures/registry.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace turnstile::figures {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

reading read(const table& table, const void* of, std::string instance, std::uint64_t id,
             const moment& now) {
  reading made{.table = &table, .instance = std::move(instance), .id = id};
  made.values.reserve(table.rows.size());
  made.latencies.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    made.values.push_back(row.read ? row.read(of, now) : std::nullopt);
    made.latencies.push_back(row.latencies ? row.latencies(of) : nullptr);
  }
  return made;
}

using value = std::optional<std::int64_t>;

bool counts(const row& row) { return row.family->kind == kind::counter; }

}  // namespace

moment now() {
  return {duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(),
          core::wall_clock_ms()};
}

std::optional<std::int64_t> reading::value_of(std::string_view log_name) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (table->rows[i].log == log_name) return values[i];
  return {};
}

value merged(merging how, value before, value more) {
  switch (how) {
    case merging::sum:
      return before || more ? value{before.value_or(0) + more.value_or(0)} : std::nullopt;
    case merging::sum_of_all:
      return before && more ? value{*before + *more} : std::nullopt;
    case merging::most:
      return std::max(before, more);
    case merging::most_of_all:
      return before && more ? std::max(before, more) : std::nullopt;
    case merging::none:
      return std::nullopt;
  }
  return std::nullopt;
}

reading merged(const table& table, const std::vector<reading>& of) {
  reading sum{.table = &table};
  sum.latencies.assign(table.rows.size(), nullptr);
  for (const auto& row : table.rows)
    sum.values.push_back(of.empty() && row.merge != merging::sum ? std::nullopt : value{0});
  for (const auto& one : of)
    for (std::size_t i = 0; i < sum.values.size(); ++i)
      sum.values[i] = merged(table.rows[i].merge, sum.values[i], one.values[i]);
  return sum;
}

registry::registry(std::size_t transformer_count, std::size_t producer_count)
  : closed_(partition_table().rows.size()) {
  for (std::size_t i = 0; i < transformer_count; ++i)
    transformers.push_back(std::make_shared<core::transformer_figures>());
  for (std::size_t i = 0; i < producer_count; ++i)
    producers.push_back(std::make_shared<core::producer_figures>());
}

void registry::open(std::shared_ptr<const core::partition_figures> partition) {
  const std::lock_guard lock{mutex_};
  auto& known = partitions_[partition->source.partition];
  if (known.figures) retire(known);
  known = {std::move(partition), ++last_id_};
}

void registry::close(core::partition_epoch source) {
  const std::lock_guard lock{mutex_};
  const auto at = partitions_.find(source.partition);
  if (at == partitions_.end() || at->second.figures->source != source) return;
  retire(at->second);
  partitions_.erase(at);
}

void registry::retire(const known_partition& partition) {
  const auto& rows = partition_table().rows;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (counts(rows[i])) closed_[i] += rows[i].read(partition.figures.get(), {}).value_or(0);
}

std::vector<reading> registry::partitions(const moment& now) const {
  const std::lock_guard lock{mutex_};
  std::vector<reading> all;
  all.reserve(partitions_.size());
  for (const auto& [number, known] : partitions_) {
    all.push_back(
        read(partition_table(), known.figures.get(), std::to_string(number), known.id, now));
    all.back().rank =
        std::max(all.back().value_of("lag_records").value_or(0), known.figures->lag_min());
  }
  return all;
}

std::optional<std::int64_t> registry::leaders_told_ms() const {
  std::optional<std::int64_t> last;
  const std::lock_guard lock{mutex_};
  for (const auto& [number, known] : partitions_)
    if (known.figures->end.get() >= 0)
      last = std::max(last, value{known.figures->end_told_ms.get()});
  return last;
}

reading registry::closed_partitions() const {
  const auto& rows = partition_table().rows;
  reading sum = merged(partition_table(), {});
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < rows.size(); ++i)
    sum.values[i] = counts(rows[i]) ? value{closed_[i]} : std::nullopt;
  return sum;
}

std::vector<reading> registry::actors(const moment& now, const core::process_stats& process) const {
  std::vector<reading> all;
  std::uint64_t id = 0;
  const auto add = [&](const table& table, const void* of, std::string instance = {}) {
    all.push_back(read(table, of, std::move(instance), ++id, now));
  };
  for (std::size_t i = 0; i < transformers.size(); ++i)
    add(transformer_table(), transformers[i].get(), std::to_string(i));
  for (std::size_t i = 0; i < producers.size(); ++i)
    add(producer_table(), producers[i].get(), std::to_string(i));
  add(error_router_table(), error_router.get());
  add(summary_table(), summary.get());
  add(group_table(), group.get());
  add(worker_table(), worker.get());
  add(process_table(), &process);
  return all;
}

std::vector<sign_of_life> registry::signs_of_life() const {
  std::vector<sign_of_life> all;
  const auto add = [&all](std::string_view actor, std::string instance,
                          const core::life_figure& life) {
    all.push_back({actor, std::move(instance), life.seen_ms.get()});
  };
  add("worker", {}, worker->life);
  add("group_consumer", {}, group->life);
  add("error_router", {}, error_router->life);
  add("summary", {}, summary->life);
  add("metrics_reporter", {}, *reporter);
  for (std::size_t i = 0; i < transformers.size(); ++i)
    add("transformer", std::to_string(i), transformers[i]->life);
  for (std::size_t i = 0; i < producers.size(); ++i)
    add("producer", std::to_string(i), producers[i]->life);
  const std::lock_guard lock{mutex_};
  for (const auto& [number, known] : partitions_)
    add("partition_consumer", std::to_string(number), known.figures->life);
  return all;
}

}  // namespace turnstile::figures
