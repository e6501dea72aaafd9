#include "app/redrive/redrive_notes.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

namespace turnstile::app {

namespace {

constexpr std::string_view version = "1";
constexpr std::int64_t offset_max = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::int64_t count_max = 1'000'000;

std::optional<std::int64_t> number_of(std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > most)
    return {};
  return number;
}

/// What stands before `mark`, which goes with it from `text`; all of it where there is none.
std::string_view cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

}  // namespace

std::uint32_t attempt_counts::at(std::int64_t error_offset) const {
  auto found = runs_.upper_bound(error_offset);
  if (found == runs_.begin()) return 0;
  --found;
  return error_offset < found->second.end ? found->second.count : 0;
}

void attempt_counts::insert(std::int64_t first, run added) {
  if (first >= added.end || added.count == 0) return;
  const auto next = runs_.find(added.end);
  if (next != runs_.end() && next->second.count == added.count) {
    added.end = next->second.end;
    runs_.erase(next);
  }
  auto before = runs_.lower_bound(first);
  if (before != runs_.begin()) {
    --before;
    if (before->second.end == first && before->second.count == added.count) {
      before->second.end = added.end;
      return;
    }
  }
  runs_[first] = added;
}

void attempt_counts::add(std::int64_t error_offset) {
  const std::uint32_t count = at(error_offset);
  if (count > 0) {
    const auto within = std::prev(runs_.upper_bound(error_offset));
    const auto [first, whole] = *within;
    runs_.erase(within);
    insert(first, {error_offset, count});
    insert(error_offset + 1, {whole.end, count});
  }
  insert(error_offset, {error_offset + 1, count + 1});
  if (runs_.size() > runs_max) forget_least();
}

void attempt_counts::forget_least() {
  const auto by_count = [](const auto& a, const auto& b) {
    return a.second.count < b.second.count;
  };
  const std::uint32_t least = std::ranges::min_element(runs_, by_count)->second.count;
  std::erase_if(runs_, [least](const auto& entry) { return entry.second.count == least; });
}

void attempt_counts::forget_below(std::int64_t error_offset) {
  while (!runs_.empty() && runs_.begin()->second.end <= error_offset) runs_.erase(runs_.begin());
}

/// `first-last*count` for each run, each first counted from the end of the run before.
std::string attempt_counts::text(std::size_t bytes_max) const {
  std::uint32_t least = 1;
  std::uint32_t most = 0;
  for (const auto& [first, one] : runs_) most = std::max(most, one.count);
  for (; least <= most; ++least) {
    std::string text;
    std::int64_t before = 0;
    for (const auto& [first, one] : runs_) {
      if (one.count < least) continue;
      if (!text.empty()) text += ',';
      text += std::to_string(first - before);
      if (one.end - first > 1) text += "-" + std::to_string(one.end - first);
      if (one.count > 1) text += "*" + std::to_string(one.count);
      before = one.end;
      if (text.size() > bytes_max) break;
    }
    if (text.size() <= bytes_max) return text;
  }
  return {};
}

std::optional<attempt_counts> attempt_counts::of(std::string_view text) {
  attempt_counts counts;
  std::int64_t at = 0;
  while (!text.empty()) {
    auto entry = cut(text, ',');
    auto place = cut(entry, '*');
    const auto gap = number_of(cut(place, '-'), offset_max);
    const auto size = place.empty() ? std::optional<std::int64_t>{1} : number_of(place, offset_max);
    const auto count = entry.empty() ? std::optional<std::int64_t>{1} : number_of(entry, count_max);
    if (!gap || !size || !count || at + *gap > offset_max) return {};
    at += *gap;
    counts.insert(at, {at + *size, static_cast<std::uint32_t>(*count)});
    at += *size;
  }
  return counts;
}

std::string redrive_note::text() const {
  std::string text = std::string{version} + " " + selection + " " + std::to_string(end) + " ";
  return text + attempts.text(note_bytes_max - std::min(note_bytes_max, text.size()));
}

std::optional<redrive_note> redrive_note::of(std::string_view text) {
  if (cut(text, ' ') != version) return {};
  redrive_note note;
  note.selection = cut(text, ' ');
  const auto end = number_of(cut(text, ' '), offset_max);
  auto attempts = attempt_counts::of(text);
  if (note.selection.empty() || !end || !attempts) return {};
  note.end = *end;
  note.attempts = std::move(*attempts);
  return note;
}

}  // namespace turnstile::app
