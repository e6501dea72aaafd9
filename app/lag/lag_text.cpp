#include "app/lag/lag_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/terminal/record_text.hpp"
#include "app/terminal/text_width.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr std::size_t gap = 2;
// A name that is longer hides what stands behind it.
constexpr std::size_t name_width_max = 32;
constexpr std::size_t note_width_min = 12;

struct column {
  std::string_view heading;
  bool is_number = false;
};
constexpr std::array<column, 10> headings{{{"topic"},
                                           {"partition", true},
                                           {"committed", true},
                                           {"end", true},
                                           {"lag", true},
                                           {"seconds", true},
                                           {"since (UTC)"},
                                           {"client"},
                                           {"host"},
                                           {"note"}}};
constexpr std::size_t lag_column = 4;
constexpr std::size_t since_column = 6;
constexpr std::size_t note_column = headings.size() - 1;
using cells = std::array<std::string, headings.size()>;

std::string count_text(std::int64_t count) {
  return count < 0 ? "-" : grouped(static_cast<std::uint64_t>(count));
}

std::string_view state_name(kafka_io::group_state state) {
  switch (state) {
    case kafka_io::group_state::preparing_rebalance:
      return "preparing rebalance";
    case kafka_io::group_state::completing_rebalance:
      return "completing rebalance";
    case kafka_io::group_state::stable:
      return "stable";
    case kafka_io::group_state::dead:
      return "members not known";
    case kafka_io::group_state::empty:
      return "empty";
    case kafka_io::group_state::unknown:
      break;
  }
  return "unknown";
}

std::string name_text(const std::string& name) {
  return name.empty() ? "-" : fitted(core::printable(name), name_width_max);
}

cells cells_of(const lag_row& row) {
  constexpr std::size_t seconds_bytes = 19;  // 2026-11-23T03:22:13
  const std::string since = record_time_text(row.since_ms).substr(0, seconds_bytes);
  return {name_text(row.facts.topic), std::to_string(row.facts.partition),
          count_text(row.facts.committed), count_text(row.facts.end),
          row.records ? count_text(*row.records) : "?",
          row.waits_ms ? seconds_text(*row.waits_ms) : "?", since.empty() ? "-" : since,
          name_text(row.owner.client_id),
          // As the coordinator tells it, with a slash before the address.
          name_text(row.owner.host.starts_with('/') ? row.owner.host.substr(1) : row.owner.host),
          core::printable(row.note)};
}

using widths = std::array<std::size_t, headings.size()>;

widths widths_of(const std::vector<cells>& rows) {
  widths wide{};
  for (std::size_t c = 0; c < headings.size(); ++c) {
    wide[c] = headings[c].heading.size();
    for (const auto& row : rows) wide[c] = std::max(wide[c], columns(row[c]));
  }
  return wide;
}

/// Which columns there is room for: a note that is there counts more than since when.
std::vector<std::size_t> shown_columns(const widths& wide, bool has_notes, std::size_t width) {
  std::vector<std::size_t> shown;
  std::size_t taken = 0;
  for (std::size_t c = 0; c < note_column; ++c) taken += wide[c] + gap;
  const std::size_t note = has_notes ? note_width_min + gap : 0;
  const bool narrow = taken - gap + note > width;
  for (std::size_t c = 0; c < headings.size(); ++c)
    if (!(narrow && c == since_column) && (c != note_column || has_notes)) shown.push_back(c);
  return shown;
}

std::string line_of(const cells& row, const widths& wide, const std::vector<std::size_t>& shown,
                    std::size_t width, const painter& paint, bool is_heading) {
  std::string plain;
  std::string line;
  for (const std::size_t c : shown) {
    const std::size_t taken = columns(plain);
    if (taken + gap >= width) break;
    const std::string blanks(wide[c] > columns(row[c]) ? wide[c] - columns(row[c]) : 0, ' ');
    const std::string before =
        (plain.empty() ? "" : std::string(gap, ' ')) + (headings[c].is_number ? blanks : "");
    const bool is_last = c == shown.back();
    const std::string after = headings[c].is_number || is_last ? "" : blanks;
    const std::string text = fitted(row[c], width - std::min(width, taken + before.size()));
    const bool behind = c == lag_column && row[c] != "0";
    const auto of = is_heading ? colour::dim : behind ? colour::yellow : colour::none;
    plain += before + text + after;
    line += before + paint(of, text) + after;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

/// Those that wait longest, in the order of the table.
std::vector<const lag_row*> most_behind(const lag_report& report, std::size_t rows_max) {
  std::vector<const lag_row*> rows;
  for (const auto& row : report.rows) rows.push_back(&row);
  if (rows.size() <= rows_max) return rows;
  const auto behind = [](const lag_row* row) {
    return std::pair{row->waits_ms.value_or(INT64_MAX), row->records.value_or(INT64_MAX)};
  };
  std::ranges::stable_sort(rows, std::greater{}, behind);
  rows.resize(rows_max);
  std::ranges::sort(rows, {}, [](const lag_row* row) {
    return std::pair{row->facts.topic, row->facts.partition};
  });
  return rows;
}

std::string number_or_null(std::int64_t number) {
  return number < 0 ? "null" : std::to_string(number);
}

std::string seconds_or_null(const std::optional<std::int64_t>& ms) {
  if (!ms) return "null";
  std::string fraction = std::to_string(1000 + *ms % 1000).substr(1);
  return std::to_string(*ms / 1000) + "." + fraction;
}

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : core::quoted(text);
}

std::string row_json(const lag_row& row) {
  const auto& f = row.facts;
  std::string out = "{\"topic\":" + core::quoted(f.topic);
  out += ",\"partition\":" + std::to_string(f.partition);
  out += ",\"committed\":" + number_or_null(f.committed);
  out += ",\"first\":" + number_or_null(f.first);
  out += ",\"stable_end\":" + number_or_null(f.stable_end);
  out += ",\"end\":" + number_or_null(f.end);
  out += ",\"lag_records\":" + (row.records ? std::to_string(*row.records) : "null");
  out += ",\"lag_seconds\":" + seconds_or_null(row.waits_ms);
  out += ",\"since\":" + text_or_null(record_time_text(row.since_ms));
  out += ",\"client_id\":" + text_or_null(row.owner.client_id);
  out += ",\"host\":" + text_or_null(row.owner.host);
  out += ",\"member_id\":" + text_or_null(row.owner.member_id);
  out += ",\"instance_id\":" + text_or_null(row.owner.instance_id);
  return out + ",\"note\":" + text_or_null(row.note) + "}";
}

std::string counted(std::size_t count, std::string_view of) {
  return grouped(count) + " " + std::string{of} + (count == 1 ? "" : "s");
}

}  // namespace

std::string lag_headline(const lag_report& report) {
  std::string text = "group " + core::printable(report.group) + ": ";
  text += state_name(report.state);
  // Of another protocol than the one that librdkafka asks about.
  if (report.state != kafka_io::group_state::dead) text += ", " + counted(report.members, "member");
  text += ", " + counted(report.rows.size(), "partition") + "; ";
  const auto records = static_cast<std::size_t>(total_records(report));
  text += counted(records, "record") + " behind";
  const auto* worst = worst_row(report);
  if (worst != nullptr && worst->waits_ms)
    text += ", the oldest for " + seconds_text(*worst->waits_ms) + " s";
  if (const auto unknown = unknown_rows(report); unknown > 0)
    text += "; not known of " + counted(unknown, "partition");
  return text;
}

std::vector<std::string> lag_table(const lag_report& report, std::size_t width,
                                   std::size_t rows_max, const painter& paint) {
  std::vector<std::string> lines{fitted(lag_headline(report), width)};
  if (report.rows.empty()) return lines;
  const auto picked = most_behind(report, rows_max);
  std::vector<cells> rows;
  bool has_notes = false;
  for (const auto* row : picked) {
    rows.push_back(cells_of(*row));
    has_notes = has_notes || !row->note.empty();
  }
  const auto wide = widths_of(rows);
  const auto shown = shown_columns(wide, has_notes, width);
  cells heading;
  for (std::size_t c = 0; c < headings.size(); ++c) heading[c] = headings[c].heading;
  lines.push_back(line_of(heading, wide, shown, width, paint, true));
  for (const auto& row : rows) lines.push_back(line_of(row, wide, shown, width, paint, false));
  if (picked.size() < report.rows.size())
    lines.push_back(grouped(report.rows.size() - picked.size()) + " more wait less long");
  return lines;
}

std::string lag_line(const lag_report& report) {
  std::string line = record_time_text(report.now_ms) + " " + lag_headline(report);
  if (const auto* worst = worst_row(report))
    line += " (" + core::printable(worst->facts.topic) + "/" +
            std::to_string(worst->facts.partition) + ")";
  return line;
}

std::string lag_json(const lag_report& report) {
  std::string rows;
  for (const auto& row : report.rows) core::append_item(rows, row_json(row), ",");
  const auto* worst = worst_row(report);
  std::string out = "{\"time\":" + core::quoted(record_time_text(report.now_ms));
  out += ",\"group\":" + core::quoted(report.group);
  out += ",\"state\":" + core::quoted(state_name(report.state));
  out += ",\"members\":" + std::to_string(report.members);
  out += ",\"lag_records\":" + std::to_string(total_records(report));
  out += ",\"lag_seconds\":" +
         seconds_or_null(worst == nullptr ? std::optional<std::int64_t>{0} : worst->waits_ms);
  return out + ",\"unknown_partitions\":" + std::to_string(unknown_rows(report)) +
         ",\"partitions\":[" + rows + "]}";
}

}  // namespace turnstile::app
