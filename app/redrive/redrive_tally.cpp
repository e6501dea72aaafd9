#include "app/redrive/redrive_tally.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "app/terminal/terminal.hpp"

namespace turnstile::app {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view column_name(std::size_t column) {
  if (column == 0) return "processed";
  return column == 1 ? "filtered" : core::reason_names[column - 2];
}

std::int64_t sum_of_columns(const redrive_tally& tally, std::size_t from, std::size_t to) {
  std::int64_t sum = 0;
  for (const auto& row : tally.table)
    for (std::size_t c = from; c < to; ++c) sum += row[c];
  return sum;
}

std::string number(std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); }

using text_row = std::vector<std::string>;

std::int64_t as_before(const redrive_tally& tally, std::size_t row) {
  return row < core::reason_count ? tally.table[row][2 + row] : 0;
}

/// Of those that fail for another reason than before, by the new one.
std::int64_t newly_failed(const redrive_tally& tally, std::size_t reason) {
  return sum_of_columns(tally, 2 + reason, 3 + reason) - as_before(tally, reason);
}

std::vector<text_row> rows_of(const redrive_tally& tally) {
  std::vector<text_row> rows{{"was", "processed", "filtered", "fails as before"}};
  for (std::size_t reason = 0; reason < core::reason_count; ++reason)
    if (newly_failed(tally, reason) > 0)
      rows[0].push_back("now " + std::string{core::reason_names[reason]});
  for (std::size_t r = 0; r < redrive_rows; ++r) {
    const auto& cells = tally.table[r];
    if (std::accumulate(cells.begin(), cells.end(), std::int64_t{0}) == 0) continue;
    rows.push_back({std::string{reason_name(static_cast<std::uint8_t>(r))}, number(cells[0]),
                    number(cells[1]), number(as_before(tally, r))});
    for (std::size_t reason = 0; reason < core::reason_count; ++reason)
      if (newly_failed(tally, reason) > 0)
        rows.back().push_back(number(reason == r ? 0 : cells[2 + reason]));
  }
  return rows;
}

std::string table_text(const redrive_tally& tally) {
  const auto rows = rows_of(tally);
  if (rows.size() == 1) return {};
  std::string text;
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[c].size());
      const std::string gap(width - cells[c].size(), ' ');
      text += c == 0 ? cells[c] + gap : "  " + gap + cells[c];
    }
    text += '\n';
  }
  return text + '\n';
}

void write_key(json_writer& to, std::string_view name) {
  to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void write_count(json_writer& to, std::string_view name, std::int64_t count) {
  write_key(to, name);
  to.Int64(count);
}

void write_table(json_writer& to, const redrive_tally& tally) {
  write_key(to, "table");
  to.StartObject();
  for (std::size_t r = 0; r < redrive_rows; ++r) {
    const auto& cells = tally.table[r];
    if (std::accumulate(cells.begin(), cells.end(), std::int64_t{0}) == 0) continue;
    write_key(to, reason_name(static_cast<std::uint8_t>(r)));
    to.StartObject();
    for (std::size_t c = 0; c < redrive_columns; ++c)
      if (cells[c] > 0) write_count(to, column_name(c), cells[c]);
    to.EndObject();
  }
  to.EndObject();
}

void write_left(json_writer& to, const redrive_tally& tally) {
  const auto each = [&](const auto& write) {
    to.StartObject();
    for (std::size_t w = 0; w < left_count; ++w) {
      if (tally.left_alone[w].count == 0) continue;
      write_key(to, name_of(static_cast<left_why>(w)));
      write(tally.left_alone[w]);
    }
    to.EndObject();
  };
  write_key(to, "left");
  each([&](const redrive_tally::left_entry& left) { to.Int64(left.count); });
  write_key(to, "examples");
  each([&](const redrive_tally::left_entry& left) {
    to.StartArray();
    for (const auto& example : left.examples)
      to.String(example.data(), static_cast<rapidjson::SizeType>(example.size()));
    to.EndArray();
  });
}

std::string left_text(const redrive_tally& tally) {
  std::string text;
  for (std::size_t w = 0; w < left_count; ++w) {
    const auto& left = tally.left_alone[w];
    if (left.count == 0) continue;
    const auto why = static_cast<left_why>(w);
    text += "LEFT " + std::string{name_of(why)} + ": " + number(left.count) + " (" +
            std::string{meaning_of(why)} + ")\n";
    for (const auto& example : left.examples) text += "     " + example + "\n";
  }
  return text;
}

}  // namespace

std::int64_t redrive_tally::redriven() const { return sum_of_columns(*this, 0, 2); }

std::int64_t redrive_tally::failed_again() const {
  return sum_of_columns(*this, 2, redrive_columns);
}

std::int64_t redrive_tally::left_count_of_all() const {
  std::int64_t sum = 0;
  for (const auto& left : left_alone) sum += left.count;
  return sum;
}

std::string to_json(const redrive_tally& tally, const redrive_facts& facts) {
  rapidjson::StringBuffer buffer;
  json_writer to{buffer};
  to.StartObject();
  write_count(to, "schema", redrive_schema);
  write_key(to, "dry_run");
  to.Bool(facts.dry_run);
  write_key(to, "complete");
  to.Bool(tally.complete());
  write_key(to, "stopped");
  to.Bool(tally.stopped);
  write_key(to, "went_on");
  to.Bool(tally.went_on);
  write_count(to, "selected", tally.selected);
  write_count(to, "redriven", tally.redriven());
  write_count(to, "processed", sum_of_columns(tally, 0, 1));
  write_count(to, "filtered", sum_of_columns(tally, 1, 2));
  write_count(to, "failed_again", tally.failed_again());
  write_count(to, "errors_written", tally.errors_written);
  write_count(to, "has_outcome", tally.has_outcome);
  write_count(to, "same_input", tally.same_input);
  write_table(to, tally);
  write_left(to, tally);
  write_key(to, "seconds");
  to.Double(facts.seconds);
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_text(const redrive_tally& tally, const redrive_facts& facts) {
  std::string text = table_text(tally);
  if (tally.went_on)
    text += "an earlier redrive was not finished: this one goes on where that one was\n";
  if (tally.has_outcome > 0)
    text += number(tally.has_outcome) + " have another outcome already, and are left alone\n";
  if (tally.same_input > 0)
    text += number(tally.same_input) + " are further error records of the same inputs\n";
  if (tally.errors_written > 0)
    text += number(tally.errors_written) + " missing inputs fail, and " +
            (facts.dry_run ? "would get" : "got") + " their error records\n";
  if (tally.more_missing > 0)
    text += number(tally.more_missing) + " further ranges are missing: run it again for them\n";
  return text + left_text(tally);
}

std::string to_sentence(const redrive_tally& tally, const redrive_facts& facts) {
  std::string text;
  if (tally.selected == 0 && tally.left_count_of_all() == 0) {
    text = "there is nothing to redrive";
  } else {
    text = number(tally.redriven()) + " of " + number(tally.selected) +
           (facts.dry_run ? " would be redriven" : " redriven");
    if (tally.failed_again() > 0)
      text += ", " + number(tally.failed_again()) + (facts.dry_run ? " would fail" : " failed") +
              " again";
    if (tally.left_count_of_all() > 0) text += ", " + number(tally.left_count_of_all()) + " left";
  }
  if (tally.stopped) text += "; stopped before all was done";
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), " (%.1f s)", facts.seconds);
  return text + seconds.data();
}

}  // namespace turnstile::app
