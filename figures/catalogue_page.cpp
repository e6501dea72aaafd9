#include "figures/catalogue_page.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "figures/figure_table.hpp"

namespace turnstile::figures {

namespace {

/// A family, and where in the metrics log its rows are.
struct entry {
  const figures::family* family = nullptr;
  std::string log;
};

void append(std::string& to, std::string_view separator, std::string_view text) {
  if (text.empty()) return;
  if (!to.empty()) to += separator;
  to += text;
}

std::string log_names(const table& of, const row& row) {
  std::string names;
  for (const auto& name : {row.log, row.log_rate, row.log_p50, row.log_p99})
    if (!name.empty()) append(names, ", ", "`" + std::string{name} + "`");
  return names.empty() ? "" : std::string{of.actor} + " " + names;
}

std::vector<entry> entries() {
  std::vector<entry> all;
  for (const auto* family : facts()) all.push_back({.family = family});
  for (const auto* table : all_tables()) {
    for (const auto& row : table->rows) {
      auto at = std::ranges::find(all, row.family, &entry::family);
      if (at == all.end()) at = all.insert(all.end(), {.family = row.family});
      append(at->log, "; ", log_names(*table, row));
    }
  }
  // The log's line of the errors has their sum and a list.
  std::ranges::find(all, error_router_table().rows.front().family, &entry::family)->log =
      "error_router `errors`, `reasons`";
  return all;
}

std::string labels_of(const family& family) {
  std::string labels;
  if (family.instance == "partition") append(labels, ", ", "`topic`");
  for (const auto& label : {family.instance, family.label})
    if (!label.empty()) append(labels, ", ", "`" + std::string{label} + "`");
  return labels;
}

}  // namespace

std::string catalogue_page() {
  constexpr std::array<std::string_view, 3> kinds{"counter", "gauge", "histogram"};
  std::string page =
      "# Metrics\n"
      "\n"
      "What `/metrics` serves once `http.listen` is set, in Prometheus' text format. Where the\n"
      "[metrics log](metrics-log.md) has the same figure, the last column names its actor and "
      "field.\n"
      "Labels are bounded: above `metrics.partitions_max` partitions those with most lag have "
      "series\n"
      "of their own, and the others share `partition=\"other\"`. No metric holds a value of a "
      "record.\n"
      "\n"
      "This page is made by `turnstile check --print-metrics`.\n"
      "\n"
      "| metric | kind | unit | labels | what it is | in the log |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& [family, log] : entries()) {
    page.append("| `").append(family->name).append("` | ");
    page.append(kinds.at(static_cast<std::size_t>(family->kind)));
    page.append(" | ").append(family->unit).append(" | ").append(labels_of(*family));
    page.append(" | ").append(family->help).append(" | ").append(log).append(" |\n");
  }
  return page;
}

}  // namespace turnstile::figures
