#include "actors/figures_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace turnstile::actors {

namespace {

using row = std::vector<std::string>;

std::string text(std::int64_t value) { return std::to_string(value); }

std::string one_decimal(double value) {
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

std::string quantile_ms(const core::latency_figure& latencies, double q) {
  const std::int64_t us = core::latency_figure::quantile(latencies.read(), q);
  return us == 0 ? "-" : one_decimal(static_cast<double>(us) / 1000.0);
}

/// The first column to the left, the others to the right, two blanks between.
std::string aligned(const std::vector<row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& cells : rows)
    for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], cells[c].size());
  std::string table;
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string blanks(widths[c] - cells[c].size(), ' ');
      if (c == 0)
        table += cells[c] + (cells.size() > 1 ? blanks : "");
      else
        table += "  " + blanks + cells[c];
    }
    table += '\n';
  }
  return table;
}

void append(std::string& to, const std::vector<row>& rows) {
  if (rows.size() < 2) return;
  if (!to.empty()) to += '\n';
  to += aligned(rows);
}

std::vector<row> transformer_rows(const worker_figures& figures) {
  std::vector<row> rows{
      {"transformer", "batches", "records", "processed", "filtered", "failed", "busy ms"}};
  for (std::size_t i = 0; i < figures.transformers.size(); ++i) {
    const auto& f = *figures.transformers[i];
    rows.push_back({text(static_cast<std::int64_t>(i)), text(f.batches.get()),
                    text(f.records.get()), text(f.processed.get()), text(f.filtered.get()),
                    text(f.failed.get()), text(f.busy_us.get() / 1000)});
  }
  return rows;
}

std::vector<row> producer_rows(const worker_figures& figures) {
  std::vector<row> rows{{"producer", "sent", "acknowledged", "failed", "refused", "queued",
                         "retries", "rebuilds", "ack ms p50", "p99"}};
  for (std::size_t i = 0; i < figures.producers.size(); ++i) {
    const auto& f = *figures.producers[i];
    rows.push_back({text(static_cast<std::int64_t>(i)), text(f.sent.get()),
                    text(f.acknowledged.get()), text(f.failed.get()), text(f.refused.get()),
                    text(f.queued.get()), text(f.retries.get()), text(f.rebuilds.get()),
                    quantile_ms(f.acknowledgement, 0.5), quantile_ms(f.acknowledgement, 0.99)});
  }
  return rows;
}

std::vector<row> error_rows(const core::error_router_figures& figures) {
  std::vector<row> rows{{"error_router", "records"}};
  for (std::size_t i = 0; i < core::reason_count; ++i)
    if (const std::int64_t count = figures.by_reason[i].get(); count > 0)
      rows.push_back({std::string(core::reason_names[i]), text(count)});
  return rows;
}

std::vector<row> summary_rows(const core::summary_figures& f) {
  return {{"summary", "received", "processed", "filtered", "failed", "published", "last"},
          {"", text(f.received.get()), text(f.processed.get()), text(f.filtered.get()),
           text(f.failed.get()), text(f.published.get()), text(f.last_sequence.get())}};
}

std::vector<row> group_rows(const core::group_figures& f) {
  return {{"group_consumer", "partitions", "assignments", "revocations", "losses", "commits",
           "commit failures"},
          {"", text(f.partitions.get()), text(f.assignments.get()), text(f.revocations.get()),
           text(f.losses.get()), text(f.commits.get()), text(f.commit_failures.get())}};
}

}  // namespace

std::string render_figures(const worker_figures& figures) {
  std::string tables;
  append(tables, group_rows(*figures.group));
  append(tables, transformer_rows(figures));
  append(tables, error_rows(*figures.error_router));
  append(tables, producer_rows(figures));
  append(tables, summary_rows(*figures.summary));
  return tables;
}

}  // namespace turnstile::actors
