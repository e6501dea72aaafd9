#include "config/rules/filter_reader.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "config/option/replaced_options.hpp"
#include "core/quoting.hpp"
#include "event/path.hpp"

namespace turnstile::core {

namespace {

/// `2.3.0,2.3.1` of the command line: its items, each a text.
config_node::list items_of(const config_node& node) {
  if (const auto* list = std::get_if<config_node::list>(&node.value)) return *list;
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr || !node.is_untyped) return {node};
  config_node::list out;
  for (std::size_t from = 0; !text->empty() && from <= text->size();) {
    const auto to = std::min(text->find(',', from), text->size());
    config_node item{.value = text->substr(from, to - from), .is_untyped = true};
    out.push_back(std::move(item));
    from = to + 1;
  }
  return out;
}

filter_value string_value(std::string text) {
  filter_value out;
  out.is_prefix = text.ends_with('*');
  if (out.is_prefix) text.pop_back();
  out.text = std::move(text);
  return out;
}

}  // namespace

void filter_reader::read(const config_node& node, const origin_of_node& origin) {
  const auto* table = std::get_if<config_node::table>(&node.value);
  if (table == nullptr) {
    faults_.push_back(
        {origin(node), "filter", "expects a table with keep and drop, not " + in_words(node)});
    return;
  }
  for (const auto& [name, conditions] : *table) {
    const std::string shown = "filter." + key_text(name);
    if (name == "keep" || name == "drop") {
      read_conditions(shown, name == "keep" ? rules_.keep : rules_.drop, conditions, origin);
    } else if (const auto now = replaced_option(shown); !now.empty()) {
      faults_.push_back({origin(conditions), shown, std::string(now)});
    } else {
      constexpr std::array<std::string_view, 2> known{"keep", "drop"};
      faults_.push_back(
          {origin(conditions), shown,
           "unknown option" + did_you_mean(closest(name, known)) + "; expects keep or drop"});
    }
  }
}

void filter_reader::read_conditions(const std::string& name, std::vector<filter_condition>& to,
                                    const config_node& node, const origin_of_node& origin) {
  const auto* table = std::get_if<config_node::table>(&node.value);
  if (table == nullptr) {
    faults_.push_back(
        {origin(node), name, "expects a table of paths and their values, not " + in_words(node)});
    return;
  }
  if (table->empty()) to.clear();
  std::set<std::string> seen;
  for (const auto& [text, values] : *table) {
    const std::string shown = name + "." + key_text(text);
    const auto parsed = event::parse_path(text);
    if (!parsed.fault.empty()) {
      faults_.push_back({origin(values), shown, "the path " + parsed.fault});
      continue;
    }
    filter_condition condition{.path = event::path_text(parsed.value), .values = {}};
    if (!seen.insert(condition.path).second) {
      faults_.push_back(
          {origin(values), shown, "the path " + printable(condition.path) + " has values already"});
      continue;
    }
    read_condition(shown, condition, values, origin);
    origins_[name + "." + key_text(condition.path)] = origin(values);
    const auto found = std::ranges::find(to, condition.path, &filter_condition::path);
    if (condition.values.empty()) {
      if (found != to.end()) to.erase(found);
    } else if (found != to.end()) {
      *found = std::move(condition);
    } else {
      to.push_back(std::move(condition));
    }
  }
  if (to.size() > filter_conditions_max)
    faults_.push_back({origin(node), name,
                       "has " + std::to_string(to.size()) + " paths; at most " +
                           std::to_string(filter_conditions_max) + " may be there"});
}

void filter_reader::read_condition(const std::string& name, filter_condition& to,
                                   const config_node& node, const origin_of_node& origin) {
  if (std::holds_alternative<config_node::table>(node.value)) {
    faults_.push_back({origin(node), name,
                       "expects a list of values, not a table; a path with points is quoted"});
    return;
  }
  for (const auto& item : items_of(node)) add_value(name, to, item, origin);
  if (to.values.size() > filter_values_max)
    faults_.push_back(
        {origin(node), name, "has more than " + std::to_string(filter_values_max) + " values"});
}

void filter_reader::add_value(const std::string& name, filter_condition& to,
                              const config_node& node, const origin_of_node& origin) {
  const auto said = token_of(node);
  if (!said.fault.empty()) {
    faults_.push_back({origin(node), name, said.fault});
    return;
  }
  const auto* text = std::get_if<std::string>(&node.value);
  if (text != nullptr && text->empty()) {
    faults_.push_back({origin(node), name, "has an empty item"});
    return;
  }
  const auto add = [&](filter_value value) {
    if (std::ranges::find(to.values, value) == to.values.end()) {
      to.values.push_back(std::move(value));
    } else {
      faults_.push_back({origin(node), name, printable(said.token) + " is given twice"});
    }
  };
  if (text != nullptr) add(string_value(*text));
  // A text of the command line that looks like a number may be either.
  if (text == nullptr || !said.token.starts_with('"'))
    add({.text = said.token, .is_string = false, .is_prefix = false});
}

}  // namespace turnstile::core
