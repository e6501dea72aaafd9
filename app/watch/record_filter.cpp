#include "app/watch/record_filter.hpp"

#include <algorithm>
#include <utility>

#include "app/terminal/record_text.hpp"
#include "core/own_headers.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

/// Of the first = that stands in no quotes; npos: there is none.
std::size_t equals_at(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == '=' && !quoted)
      return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string where_fault(const std::string& text) {
  const auto equals = equals_at(text);
  if (equals == std::string::npos || equals == 0)
    return "expects PATH=VALUE, not " + core::quoted_short(text);
  const auto parsed = event::parse_path(std::string_view{text}.substr(0, equals));
  return parsed.fault.empty() ? "" : "the path " + core::printable(parsed.fault);
}

where_clause where_of(const std::string& text) {
  const auto equals = equals_at(text);
  return {event::parse_path(std::string_view{text}.substr(0, equals)).value,
          text.substr(equals + 1)};
}

record_filter::record_filter(std::vector<std::string> reasons, std::vector<where_clause> clauses)
  : reasons_(std::move(reasons)), clauses_(std::move(clauses)) {
  if (clauses_.empty()) return;
  std::vector<event::known_path> known;
  for (const auto& clause : clauses_) {
    auto found = std::ranges::find(known, clause.path, &event::known_path::at);
    if (found == known.end()) {
      event::known_path path{clause.path};
      path.is_looked_at = true;
      if (!event::is_at_any_depth(clause.path))
        path.place = static_cast<std::uint16_t>(known.size());
      found = known.insert(known.end(), path);
    }
    places_.push_back(found->place);
  }
  paths_ = std::make_unique<const event::path_states>(known, std::vector<bool>{});
  event_ = std::make_unique<event::json_event>(*paths_);
}

bool record_filter::takes(const core::record_view& record) {
  if (!reasons_.empty() &&
      std::ranges::find(reasons_, header_of(record, core::reason_header)) == reasons_.end())
    return false;
  if (clauses_.empty()) return true;
  if (event_->parse(record.value, event::json_bytes_max)) return false;
  for (std::size_t i = 0; i < clauses_.size(); ++i)
    if (!holds(clauses_[i], places_[i])) return false;
  return true;
}

bool record_filter::holds(const where_clause& clause, std::uint16_t place) const {
  const bool is_any_depth = place == event::none;
  return std::ranges::any_of(event_->fields(), [&](const event::json_field& field) {
    const bool is_there = is_any_depth
                              ? !field.key.empty() && field.name == clause.path.steps.front().name
                              : !field.is_run && paths_->at(field.state).place == place;
    if (!is_there) return false;
    if (field.kind == core::json_kind::string) return field.text == clause.value;
    const bool is_nested =
        field.kind == core::json_kind::object || field.kind == core::json_kind::array;
    return !is_nested && field.raw == clause.value;
  });
}

}  // namespace turnstile::app
