#include "app/watch/summary_fold.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/terminal/record_text.hpp"
#include "app/terminal/text_width.hpp"
#include "audit/summaries.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr std::string_view counts_end = "_counts";
constexpr std::string_view other = "(other)";
constexpr std::size_t label_width_max = 32;
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> outcomes{
    {{"received_count", "received"},
     {"processed_count", "processed"},
     {"filtered_record_count", "filtered"},
     {"error_count", "errors"}}};

/// `  label  1,234  56.7 %  ██████`, each column as wide as the widest of all that are drawn.
class bar_drawer {
public:
  bar_drawer(std::size_t width, std::size_t label_width, std::int64_t most)
    : width_(width),
      label_width_(label_width),
      count_width_(grouped(static_cast<std::uint64_t>(most)).size()) {}

  /// `most` fills all cells.
  [[nodiscard]] std::string line(const value_bar& of, std::int64_t whole, std::int64_t most,
                                 const painter& paint, colour tint) const {
    const auto count = grouped(static_cast<std::uint64_t>(of.count));
    const std::int64_t permille = whole > 0 ? of.count * 1000 / whole : 0;
    const std::string share =
        std::to_string(permille / 10) + "." + std::to_string(permille % 10) + " %";
    std::string text = "  " + padded(fitted(of.label, label_width_), label_width_) + "  ";
    text.append(count_width_ - std::min(count_width_, count.size()), ' ').append(count);
    text.append(2 + share_width - std::min(share_width, share.size()), ' ').append(share);
    text += "  ";
    const std::size_t taken = columns(text);
    if (taken >= width_) return fitted(text, width_);
    const std::size_t cells = std::min(width_ - taken, bar_width_max);
    // Something is never drawn as nothing.
    const auto filled =
        of.count > 0
            ? std::max<std::size_t>(1, cells * static_cast<std::size_t>(of.count) /
                                           static_cast<std::size_t>(std::max(most, of.count)))
            : 0;
    std::string blocks;
    for (std::size_t i = 0; i < std::min(filled, cells); ++i) blocks += "█";
    return text + paint(tint, blocks);
  }

private:
  static constexpr std::size_t share_width = 7;  // 100.0 %
  static constexpr std::size_t bar_width_max = 40;

  std::size_t width_;
  std::size_t label_width_;
  std::size_t count_width_;
};

/// Those that occurred most, `(other)` at the end.
std::vector<value_bar> most_of(const std::map<std::string, std::int64_t, std::less<>>& counts,
                               std::size_t shown_max) {
  std::vector<value_bar> bars;
  for (const auto& [name, count] : counts)
    bars.push_back({name.empty() ? "\"\"" : core::printable(name), count});
  const auto rank = [](const value_bar& b) { return std::pair{b.label == other, -b.count}; };
  std::ranges::stable_sort(bars, {}, rank);
  if (bars.size() > shown_max) bars.resize(shown_max);
  return bars;
}

std::string age_text(std::int64_t age_ms) {
  const std::int64_t seconds = std::max<std::int64_t>(0, age_ms / 1000);
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
  return grouped(static_cast<std::uint64_t>(seconds / 3600)) + " h ago";
}

std::string counts_json(const std::map<std::string, std::int64_t, std::less<>>& counts) {
  std::string out;
  for (const auto& [name, count] : counts)
    core::append_item(out, core::quoted(name) + ":" + std::to_string(count), ",");
  return "{" + out + "}";
}

}  // namespace

bool summary_fold::add(const core::record_view& record) {
  const auto summary = audit::parse_summary(record.value.value_or(""), "");
  if (!summary) return false;
  auto known = workers_.find(summary->worker);
  // A summary that is written again, after a delivery that failed, counted already.
  if (known != workers_.end() && summary->sequence <= known->second) return false;
  if (known == workers_.end() && workers_.size() >= workers_max) workers_.erase(workers_.begin());
  workers_[summary->worker] = summary->sequence;
  ++summaries_;
  last_ms_ = std::max(last_ms_, record.timestamp_ms);
  for (const auto& [name, records] : summary->window) count(name, records);
  return true;
}

void summary_fold::count(std::string_view name, std::int64_t records) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) {
    totals_[std::string{name}] += records;
    return;
  }
  const auto end = name.find(std::string{counts_end} + "/");
  const auto group = name.substr(0, end + counts_end.size());
  auto value = name.substr(group.size() + 1);
  auto field = fields_.find(group);
  const bool is_new = field == fields_.end() || !field->second.contains(value);
  if (is_new && names_ >= names_max) {
    if (field == fields_.end()) return;
    value = other;
  } else if (is_new) {
    ++names_;
  }
  fields_[std::string{group}][std::string{value}] += records;
}

std::int64_t summary_fold::total(std::string_view name) const {
  const auto found = totals_.find(name);
  return found == totals_.end() ? 0 : found->second;
}

std::vector<summary_fold::drawn_field> summary_fold::fields_in(std::size_t lines) const {
  // Those with few values leave their lines to the others.
  std::vector<std::pair<std::size_t, std::string>> by_size;
  for (const auto& [name, values] : fields_) by_size.emplace_back(values.size(), name);
  std::ranges::sort(by_size);
  std::map<std::string, std::size_t> shares;
  for (std::size_t i = 0; i < by_size.size(); ++i) {
    const auto share = std::min(by_size[i].first + 1, lines / (by_size.size() - i));
    shares[by_size[i].second] = share;
    lines -= share;
  }
  std::vector<drawn_field> drawn;
  for (const auto& [name, values] : fields_) {
    // A heading alone says nothing.
    if (shares[name] < 2) continue;
    auto bars = most_of(values, shares[name] - 1);
    std::string heading = core::printable(name.substr(0, name.size() - counts_end.size()));
    if (bars.size() < values.size()) heading += ", most of " + grouped(values.size()) + " values";
    drawn.push_back({std::move(heading), std::move(bars)});
  }
  return drawn;
}

std::vector<std::string> summary_fold::picture(std::size_t width, std::size_t lines_max,
                                               std::int64_t now_ms, const painter& paint) const {
  std::string head = grouped(summaries_) + (summaries_ == 1 ? " summary of " : " summaries of ") +
                     grouped(workers_.size()) + (workers_.size() == 1 ? " worker" : " workers");
  if (last_ms_ >= 0) head += ", the last one " + age_text(now_ms - last_ms_);
  std::vector<std::string> lines{paint(colour::bold, fitted(head, width))};
  const auto fields =
      fields_in(lines_max > outcomes.size() + 1 ? lines_max - outcomes.size() - 1 : 0);
  std::size_t label_width = std::string_view{"processed"}.size();
  for (const auto& field : fields)
    for (const auto& b : field.bars)
      label_width = std::max(label_width, std::min(columns(b.label), label_width_max));
  const std::int64_t received = total("received_count");
  const bar_drawer drawer{width, label_width, received};
  constexpr std::array tints{colour::none, colour::green, colour::yellow, colour::red};
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    lines.push_back(drawer.line({std::string{outcomes[i].second}, total(outcomes[i].first)},
                                received, received, paint, tints[i]));
  for (const auto& field : fields) {
    lines.push_back(paint(colour::dim, fitted(field.heading, width)));
    for (const auto& b : field.bars)
      lines.push_back(
          drawer.line(b, total("processed_count"), field.bars.front().count, paint, colour::cyan));
  }
  if (lines.size() > lines_max) lines.resize(std::max<std::size_t>(1, lines_max));
  return lines;
}

std::string summary_fold::as_json() const {
  std::string out = "{\"workers\":" + std::to_string(workers_.size());
  out += ",\"summaries\":" + std::to_string(summaries_);
  const std::string last = record_time_text(last_ms_);
  out += ",\"last\":" + (last.empty() ? std::string{"null"} : core::quoted(last));
  for (const auto& [name, label] : outcomes)
    out += "," + core::quoted(name) + ":" + std::to_string(total(name));
  for (const auto& [name, values] : fields_)
    out += "," + core::quoted(name) + ":" + counts_json(values);
  return out + "}";
}

}  // namespace turnstile::app
