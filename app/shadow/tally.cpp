#include "app/shadow/tally.hpp"

#include <algorithm>
#include <utility>

namespace turnstile::shadow {

namespace {

std::string cut(const std::string& value) {
  if (value.size() <= tally::value_bytes_max) return value;
  return value.substr(0, tally::value_bytes_max) + "…";
}

}  // namespace

tally::id tally::add(verdict what, input_place at) {
  auto place = ids_.find(what);
  if (place == ids_.end()) {
    // Beyond the bound all that differs in some way counts as one.
    if (ids_.size() >= verdicts_max && !what.names.empty())
      what.names = {number_of(std::string(other_name))};
    place = ids_.try_emplace(std::move(what), static_cast<id>(entries_.size())).first;
    if (place->second == entries_.size()) entries_.emplace_back();
  }
  auto& found = entries_[place->second];
  ++found.count;
  if (found.examples.size() < examples_max) found.examples.push_back(at);
  return place->second;
}

tally::id tally::add(verdict_kind kind, ending from, ending to, input_place at) {
  if (kind != verdict_kind::same) return add(verdict{kind, from, to, {}}, at);
  if (same_[from] == 0) return (same_[from] = add(verdict{kind, from, to, {}}, at) + 1) - 1;
  ++entries_[same_[from] - 1].count;
  return same_[from] - 1;
}

tally::id tally::add_differences(ending end, const std::vector<difference>& found, input_place at) {
  verdict what{verdict_kind::other_bytes, end, end, {}};
  for (const auto& one : found) {
    const auto name = number_of(one.name);
    what.names.push_back(name);
    if (keeps_values_) keep(name, {at, one.before, one.after});
  }
  std::ranges::sort(what.names);
  const auto same = std::ranges::unique(what.names);
  what.names.erase(same.begin(), same.end());
  return add(std::move(what), at);
}

void tally::take_back(id given, input_place at) {
  --entries_[given].count;
  std::erase(entries_[given].examples, at);
  for (auto& [name, examples] : values_)
    std::erase_if(examples, [&at](const value_example& one) { return one.at == at; });
}

void tally::merge(const tally& other) {
  for (const auto& [what, from] : other.ids_) {
    const auto& added = other.entries_[from];
    if (added.count == 0) continue;
    verdict mine = what;
    for (auto& name : mine.names) name = number_of(other.names_[name]);
    std::ranges::sort(mine.names);
    const auto same = std::ranges::unique(mine.names);
    mine.names.erase(same.begin(), same.end());
    auto& to = entries_[add(std::move(mine), {})];
    // What was just added as one.
    to.count += added.count - 1;
    std::erase(to.examples, input_place{});
    to.examples.insert(to.examples.end(), added.examples.begin(), added.examples.end());
    std::ranges::sort(to.examples);
    if (to.examples.size() > examples_max) to.examples.resize(examples_max);
  }
  for (const auto& [name, examples] : other.values_)
    for (const auto& one : examples) keep(number_of(other.names_[name]), one);
}

std::span<const value_example> tally::values_of(std::uint32_t name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return {};
  return found->second;
}

std::uint32_t tally::number_of(const std::string& name) {
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  if (names_.size() >= names_max && name != other_name) return number_of(std::string(other_name));
  names_.push_back(name);
  return numbers_[name] = static_cast<std::uint32_t>(names_.size() - 1);
}

void tally::keep(std::uint32_t name, const value_example& example) {
  auto& kept = values_[name];
  if (kept.size() < examples_max)
    kept.push_back({example.at, cut(example.before), cut(example.after)});
}

}  // namespace turnstile::shadow
