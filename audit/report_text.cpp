// The report of an audit as people read it: a table of partitions, faults, a verdict.

#include <algorithm>
#include <array>
#include <numeric>

#include "audit/report.hpp"

namespace turnstile::audit {

namespace {

using row = std::vector<std::string>;

const std::string order_column = "order breaks";

std::vector<std::size_t> widths_of(const std::vector<row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], cells[c].size());
  }
  return widths;
}

std::size_t width_of(const std::vector<row>& rows, std::size_t gap) {
  const auto widths = widths_of(rows);
  return std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
}

// Columns are aligned by their numbers of characters; all of them are ASCII.
std::string aligned(const std::vector<row>& rows, std::size_t gap, const table_paint& paint) {
  const auto widths = widths_of(rows);
  std::string text;
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      text.append(c == 0 ? 0 : gap, ' ').append(widths[c] - cells[c].size(), ' ');
      text += &cells == &rows.front() ? cells[c] : paint(rows.front()[c], cells[c]);
    }
    text += '\n';
  }
  return text;
}

/// Without the columns that are 0 in every row, but for the ones that people look for.
void leave_out_zeros(std::vector<row>& rows) {
  for (std::size_t c = rows.front().size(); c-- > 0;) {
    const auto& name = rows.front()[c];
    const bool optional = name == "unknown" || name == "waiting" || name == order_column;
    const bool zero = std::all_of(rows.begin() + 1, rows.end(),
                                  [c](const row& cells) { return cells[c] == "0"; });
    if (!optional || !zero) continue;
    for (auto& cells : rows) cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(c));
  }
}

row row_of(std::string name, const ledger_counts& counts, std::int64_t order_breaks) {
  return {std::move(name),
          grouped(counts.inputs()),
          grouped(counts.of(fate::processed)),
          grouped(counts.of(fate::error)),
          grouped(counts.of(fate::cleaned)),
          grouped(counts.missing),
          grouped(counts.repeated),
          grouped(counts.unknown),
          grouped(counts.open),
          grouped(order_breaks)};
}

std::string committed_text(const partition_report& partition) {
  if (!partition.committed) return "nothing";
  const std::int64_t behind = partition.range.high - *partition.committed;
  if (behind == 0) return "the end";
  return grouped(behind < 0 ? -behind : behind) + (behind < 0 ? " beyond" : " behind");
}

std::string_view glyph_of(cell c) {
  constexpr std::array<std::string_view, 6> glyphs{" ", "█", "·", "?", "2", "X"};
  return glyphs[static_cast<std::size_t>(c)];
}

void append_ranges(std::string& to, std::string_view what, const partition_report& partition,
                   const range_list& list) {
  constexpr std::size_t shown_max = 5;
  if (list.ranges.empty()) return;
  to += "  partition " + std::to_string(partition.partition) + " " + std::string{what} + ": ";
  const std::size_t shown = std::min(shown_max, list.ranges.size());
  for (std::size_t r = 0; r < shown; ++r) {
    const auto& range = list.ranges[r];
    if (r > 0) to += ", ";
    to += std::to_string(range.low);
    if (range.size() > 1) to += " to " + std::to_string(range.high - 1);
  }
  const auto more = static_cast<std::int64_t>(list.ranges.size() - shown) + list.left_out;
  if (more > 0) to += " and " + grouped(more) + " more ranges";
  to += '\n';
}

void append_keys(std::string& to, const partition_report& partition) {
  constexpr std::size_t shown_max = 8;
  if (!partition.keys) return;
  const auto& runs = partition.keys->runs;
  to += "  keys of partition " + std::to_string(partition.partition) + ": ";
  if (runs.empty()) to += "no outputs";
  const std::size_t shown = std::min(shown_max, runs.size());
  for (std::size_t r = 0; r < shown; ++r) {
    if (r > 0) to += ", ";
    to += (runs[r].key.empty() ? "none" : runs[r].key) + " from " + std::to_string(runs[r].first);
  }
  if (runs.size() > shown)
    to += " and " + grouped(static_cast<std::int64_t>(runs.size() - shown)) + " more changes";
  to += '\n';
}

std::string summaries_text(const summary_audit::figures& summaries) {
  if (summaries.summaries == 0) return "summaries: none\n";
  std::string text = "summaries: " + grouped(summaries.summaries) + " of " +
                     grouped(summaries.workers) + " workers; " +
                     grouped(summaries.windows_compared) + " windows compared";
  if (summaries.windows_not_compared > 0) {
    text += ", " + grouped(summaries.windows_not_compared) + " reach beyond what is known";
  }
  if (summaries.uncovered > 0) {
    text += "; " + grouped(summaries.uncovered) +
            " inputs in no summary (windows still open, or lost with a killed worker)";
  }
  if (summaries.covered_again > 0) {
    text += "; " + grouped(summaries.covered_again) + " counted again";
  }
  return text + "\n";
}

std::string redriven_text(const ledger_counts& counts) {
  return counts.redriven == 0 ? "" : ", " + grouped(counts.redriven) + " of them redriven";
}

std::string nothing_text(const audit_report& report) {
  const bool never = std::ranges::all_of(report.partitions, [](const partition_report& partition) {
    return partition.range.high == 0;
  });
  return never ? "no input has been written yet, so nothing is shown"
               : "no input that was asked for is left, so nothing is shown";
}

/// REQUIRES: one of them is not 0.
std::string not_known_text(const ledger_counts& counts) {
  std::string text;
  if (counts.unknown > 0) text = grouped(counts.unknown) + " can no longer be known";
  if (counts.open > 0) {
    text += (text.empty() ? "" : " and ") + grouped(counts.open) + " are waiting";
  }
  return text;
}

}  // namespace

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string to_table(const audit_report& report, std::size_t width, const table_paint& paint) {
  std::vector<row> rows{{"partition", "inputs", "processed", "errors", "filtered", "missing",
                         "repeated", "unknown", "waiting", order_column}};
  const bool with_group = !report.group.empty();
  if (with_group) rows.back().emplace_back("committed");
  for (const auto& partition : report.partitions) {
    rows.push_back(
        row_of(std::to_string(partition.partition), partition.counts, partition.order_breaks));
    if (with_group) rows.back().push_back(committed_text(partition));
  }
  if (report.partitions.size() != 1) {
    rows.push_back(row_of("all", report.counts, report.order_breaks));
    if (with_group) rows.back().emplace_back();
  }
  constexpr std::size_t wide_gap = 2;
  if (width_of(rows, wide_gap) > width) leave_out_zeros(rows);
  return aligned(rows, width_of(rows, wide_gap) > width ? 1 : wide_gap, paint);
}

std::string to_pictures(const audit_report& report, std::size_t width) {
  constexpr std::size_t name_width = 9;
  constexpr std::size_t gap = 2;
  const std::size_t room = std::max<std::size_t>(width, name_width + gap + 1) - name_width - gap;
  std::string text;
  std::vector<bool> used(6, false);
  for (const auto& partition : report.partitions) {
    const std::string name = std::to_string(partition.partition);
    text += std::string(name_width - std::min(name_width, name.size()), ' ') + name + "  ";
    const std::size_t each = (partition.picture.size() + room - 1) / room;
    for (std::size_t at = 0; at < partition.picture.size(); at += each) {
      const auto begin = partition.picture.begin() + static_cast<std::ptrdiff_t>(at);
      const auto left = partition.picture.size() - at;
      const cell worst =
          *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(std::min(each, left)));
      text += glyph_of(worst);
      used[static_cast<std::size_t>(worst)] = true;
    }
    text += '\n';
  }
  constexpr std::array<std::string_view, 6> meanings{
      "no record", "each exactly once", "waiting", "some unknown", "some repeated", "some missing"};
  std::string legend;
  for (std::size_t c = 1; c < used.size(); ++c) {
    if (!used[c]) continue;
    legend += legend.empty() ? "           " : "   ";
    legend += std::string{glyph_of(static_cast<cell>(c))} + " " + std::string{meanings[c]};
  }
  return text + (legend.empty() ? "" : legend + "\n");
}

std::string to_notes(const audit_report& report) {
  std::string text;
  for (std::size_t r = 0; r < report.reasons.size(); ++r) {
    if (report.reasons[r] == 0) continue;
    text += text.empty() ? "errors: " : ", ";
    text += std::string{r < core::reason_count ? core::reason_names[r] : "(other)"} + " " +
            grouped(report.reasons[r]);
  }
  if (!text.empty()) text += '\n';
  text += summaries_text(report.summaries);
  if (report.counts.redriven > 0) {
    text += grouped(report.counts.redriven) +
            " inputs were redriven, and count as what they became; reasons and summaries tell of "
            "their errors\n";
  }
  if (report.outside > 0) {
    text += grouped(report.outside) + " outputs are of inputs before the audited ones\n";
  }
  if (report.earlier > 0) {
    text += grouped(report.earlier) +
            " outputs are of an earlier topic of the input's name, and count for none of it\n";
  }
  if (report.removed > 0) {
    text += grouped(report.removed) +
            " inputs were removed from their topic, and nothing tells that they were read before\n";
  }
  if (report.counts.no_record > 0) {
    text += grouped(report.counts.no_record) +
            " offsets hold no record (transaction markers, aborted records, compaction)\n";
  }
  if (report.values_compared) {
    text += grouped(*report.values_compared) + " inputs' raw values were looked for in outputs\n";
  }
  for (const auto& topic : report.missing_topics) text += "there is no topic " + topic + "\n";
  for (const auto& partition : report.partitions) {
    if (partition.held.size() == 0) continue;
    text += grouped(partition.held.size()) + " inputs of partition " +
            std::to_string(partition.partition) + " wait behind a transaction that is open at " +
            std::to_string(partition.held.low - 1) + "\n";
  }
  for (const auto& partition : report.partitions) {
    append_ranges(text, "missing", partition, partition.missing);
    append_ranges(text, "repeated", partition, partition.repeated);
    append_ranges(text, "unknown", partition, partition.unknown);
    append_ranges(text, "waiting", partition, partition.waiting);
  }
  for (const auto& partition : report.partitions) append_keys(text, partition);
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    if (report.faults.count(kind) == 0) continue;
    text += "FAULT " + std::string{name_of(kind)} + ": " + grouped(report.faults.count(kind)) +
            " (" + std::string{meaning_of(kind)} + ")\n";
    for (const auto& example : report.faults.examples(kind)) text += "      " + example + "\n";
  }
  return text;
}

std::string to_sentence(const audit_report& report) {
  const auto& counts = report.counts;
  switch (report.verdict()) {
    case verdict::exactly_once:
      if (counts.inputs() == 0) return "no input has been written yet";
      if (counts.open == 0) {
        return "each of " + grouped(counts.inputs()) + " inputs ended exactly once" +
               redriven_text(counts);
      }
      return "each of " + grouped(counts.inputs() - counts.open) + " inputs ended exactly once" +
             redriven_text(counts) + "; " + grouped(counts.open) + " more are not late yet";
    case verdict::not_known:
      if (report.stopped_early) return "interrupted before all was read";
      if (counts.inputs() == 0) return nothing_text(report);
      if (report.compared_nothing())
        return "none of " + grouped(counts.inputs()) +
               " inputs has a value that could be looked for";
      if (counts.unknown + counts.open == 0) {
        return "each of " + grouped(counts.inputs()) +
               " inputs has one output in the topics that are there, but not all are";
      }
      return "of " + grouped(counts.inputs()) + " inputs " + not_known_text(counts) +
             "; the others ended exactly once";
    case verdict::faults:
      break;
  }
  return "of " + grouped(counts.inputs()) + " inputs " + grouped(counts.missing) +
         " are missing and " + grouped(counts.repeated) + " are repeated; " +
         grouped(report.faults.total()) + " faults in all";
}

}  // namespace turnstile::audit
