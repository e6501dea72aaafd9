#include "figures/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "figures/families.hpp"

namespace turnstile::figures {

namespace {

using cells = std::vector<std::string>;

std::string decimals(double value) {
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

std::string quantile_ms(const core::latency_figure& latencies, double q) {
  const std::int64_t us = core::latency_figure::quantile(latencies.read(), q);
  return us == 0 ? "-" : decimals(static_cast<double>(us) / 1000.0);
}

std::string shown(const row& row, std::optional<std::int64_t> value) {
  if (!value) return "-";
  if (row.states != nullptr) return std::string{row.states->at(static_cast<std::size_t>(*value))};
  return row.scale == 1 ? std::to_string(*value)
                        : decimals(static_cast<double>(*value) * row.scale);
}

std::string heading(std::string_view log_name) {
  std::string text{log_name};
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// The first column to the left, the others to the right, two blanks between.
std::string aligned(const std::vector<cells>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string table;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string blanks(widths[c] - row[c].size(), ' ');
      if (c == 0)
        table += row[c] + (row.size() > 1 ? blanks : "");
      else
        table += "  " + blanks + row[c];
    }
    table += '\n';
  }
  return table;
}

cells heading_cells(const table& table) {
  cells made{std::string{table.actor}};
  for (const auto& row : table.rows) {
    if (!row.log_p50.empty()) {
      made.push_back(heading(row.log_p50));
      made.emplace_back("p99");
    } else if (!row.log.empty() || !row.log_rate.empty()) {
      made.push_back(row.log.empty() ? std::string{row.log_rate} + " s" : heading(row.log));
    }
  }
  return made;
}

cells reading_cells(const reading& of) {
  cells made{of.instance};
  for (std::size_t i = 0; i < of.values.size(); ++i) {
    const auto& row = of.table->rows[i];
    if (!row.log_p50.empty()) {
      made.push_back(quantile_ms(*of.latencies[i], 0.5));
      made.push_back(quantile_ms(*of.latencies[i], 0.99));
    } else if (!row.log.empty() || !row.log_rate.empty()) {
      made.push_back(shown(row, of.values[i]));
    }
  }
  return made;
}

/// A row for each reason that occurred.
std::vector<cells> error_rows(const reading& errors) {
  std::vector<cells> rows{{std::string{errors.table->actor}, "records"}};
  for (std::size_t i = 0; i < errors.values.size(); ++i)
    if (const auto count = errors.values[i].value_or(0);
        count > 0 && errors.table->rows[i].family == &families::errors)
      rows.push_back({std::string{errors.table->rows[i].label_value}, std::to_string(count)});
  return rows;
}

}  // namespace

std::string text_table(const registry& figures) {
  std::string text;
  std::vector<cells> rows;
  const auto end_table = [&] {
    if (rows.size() > 1) text += (text.empty() ? "" : "\n") + aligned(rows);
    rows.clear();
  };
  const table* before = nullptr;
  for (const auto& one : figures.actors(now(), {})) {
    if (one.table == &process_table()) continue;
    if (one.table != before) end_table();
    before = one.table;
    if (one.table == &error_router_table()) {
      rows = error_rows(one);
      continue;
    }
    if (rows.empty()) rows.push_back(heading_cells(*one.table));
    rows.push_back(reading_cells(one));
  }
  end_table();
  return text;
}

}  // namespace turnstile::figures
