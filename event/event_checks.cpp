#include "event/event_checks.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

namespace turnstile::event {

using core::json_kind;
using core::reason;

namespace {

bool is_unknown(const json_field& field, const path_states& paths, inside around) {
  if (field.rule != none || around != inside::open) return false;
  return field.is_run || field.kind < json_kind::object || !paths.at(field.state).on_way;
}

event_error bad_time(const field_plan& rule, const core::parsed_timestamp& time) {
  return {reason::bad_timestamp, "Bad " + rule.path + ": " + std::string(time.error)};
}

bool takes(const core::filter_condition& values, const json_value& value) {
  const bool is_string = value.kind == json_kind::string;
  const std::string_view text = is_string ? value.text : value.token;
  for (const core::filter_value& v : values.values)
    if (v.is_string == is_string && (v.is_prefix ? text.starts_with(v.text) : text == v.text))
      return true;
  return false;
}

}  // namespace

void append_path(std::string& list, std::string_view path) {
  list += list.empty() ? "" : ", ";
  list += path;
}

std::optional<event_error> event_checks::check() {
  const bool regular = plan_.is_surely_right(event_.sums()) || is_regular();
  if (!regular)
    if (auto error = check_present()) return error;
  if (plan_.unknown() == core::unknown_policy::error)
    if (auto error = check_unknown()) return error;
  if (!regular)
    if (auto error = check_types()) return error;
  return check_times();
}

bool event_checks::is_regular() const {
  for (const json_field& field : event_.fields()) {
    if (field.rule == none) continue;
    const field_plan& rule = plan_.rule(field.rule);
    if (rule.is_plainly_right(field.kind)) continue;
    const json_value value = value_of(field);
    if (rule.is_absent(value) || !(rule.is_time() || rule.has_its_type(value))) return false;
  }
  if (plan_.requires_of_elements()) return false;
  return std::ranges::all_of(plan_.required(), [this](std::uint16_t place) {
    return place != none && event_.find(place) != nullptr;
  });
}

bool event_checks::is_present(const json_field& field) const {
  return !plan_.rule(field.rule).is_absent(value_of(field));
}

/// Notes the members that one object lacks: of a path with `[]` each object must have its own.
void event_checks::note_lacking(std::uint32_t first, std::uint32_t end,
                                const path_states::state& within,
                                std::vector<bool>& missing) const {
  const auto fields = event_.fields();
  if (within.expected.empty()) return;
  std::vector<bool> there(plan_.rules().size());
  for (std::uint32_t i = first; i < end; i = fields[i].end)
    if (fields[i].rule != none && is_present(fields[i])) there[fields[i].rule] = true;
  for (const expected_member& member : within.expected)
    if (!there[member.rule]) missing[member.rule] = true;
}

std::optional<event_error> event_checks::check_present() const {
  const auto rules = plan_.rules();
  const auto fields = event_.fields();
  std::vector<bool> missing(rules.size());
  std::vector<bool> found(rules.size());
  const auto& paths = plan_.paths();
  note_lacking(0, static_cast<std::uint32_t>(fields.size()), paths.at(path_states::root), missing);
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == json_kind::object && !fields[i].is_run)
      note_lacking(i + 1, fields[i].end, paths.at(fields[i].state), missing);
    if (fields[i].rule == none) continue;
    if (is_present(fields[i]))
      found[fields[i].rule] = true;
    else if (rules[fields[i].rule].is_element)
      missing[fields[i].rule] = true;
  }
  std::string list;
  const auto add = [&](std::uint16_t i) {
    const bool lacks = !found[i] || (rules[i].has_elements && missing[i]);
    if (rules[i].required && !rules[i].fallback && lacks) append_path(list, rules[i].path);
  };
  const std::uint16_t id = plan_.id() ? plan_.id()->rule : none;
  if (id != none) add(id);
  if (!list.empty() && plan_.names_id_alone())
    return event_error{reason::missing_fields, "Missing " + list};
  for (std::uint16_t i = 0; i < rules.size(); ++i)
    if (i != id) add(i);
  if (list.empty()) return std::nullopt;
  return event_error{reason::missing_fields, "Missing fields: " + list};
}

std::optional<event_error> event_checks::check_unknown() const {
  const json_field* const unknown = first_unknown(plan_, event_);
  if (unknown == nullptr) return std::nullopt;
  return event_error{reason::unknown_field, "Unknown field: " + shown_path(event_, *unknown)};
}

std::optional<event_error> event_checks::check_types() const {
  std::vector<bool> wrong(plan_.rules().size());
  for (const json_field& field : event_.fields()) {
    if (field.rule == none || !is_present(field)) continue;
    const field_plan& rule = plan_.rule(field.rule);
    if (!rule.is_time() && !rule.has_its_type(value_of(field))) wrong[field.rule] = true;
  }
  std::string list;
  for (std::uint16_t i = 0; i < wrong.size(); ++i)
    if (wrong[i]) append_path(list, plan_.rule(i).path);
  if (list.empty()) return std::nullopt;
  return event_error{reason::wrong_type, "Wrong type: " + list};
}

std::optional<event_error> event_checks::check_times() {
  times_.clear();
  const auto times = plan_.times();
  if (times.size() == 1 && plan_.rule(times.front()).is_top_level) {
    const json_field* const field = event_.find(plan_.place_of_rule(times.front()));
    if (field != nullptr && field->rule == times.front())
      if (auto error = check_time(*field)) return error;
  } else if (!times.empty()) {
    for (const json_field& field : event_.fields())
      if (field.rule != none && plan_.rule(field.rule).is_time())
        if (auto error = check_time(field)) return error;
  }
  if (!plan_.has_defaults()) return std::nullopt;
  for (const field_plan& rule : plan_.rules()) {
    if (!rule.is_time() || !rule.appended) continue;
    const core::parsed_timestamp time = read_time(rule.fallback_value(), rule.time);
    if (!time.error.empty()) return bad_time(rule, time);
  }
  return std::nullopt;
}

std::optional<event_error> event_checks::check_time(const json_field& field) {
  const field_plan& rule = plan_.rule(field.rule);
  json_value value = value_of(field);
  if (rule.is_absent(value)) {
    if (!rule.fallback) return std::nullopt;
    value = rule.fallback_value();
  }
  const core::parsed_timestamp time = read_time(value, rule.time);
  if (!time.error.empty()) return bad_time(rule, time);
  times_.emplace_back(&field, time);
  return std::nullopt;
}

const core::parsed_timestamp& event_checks::time_of(const json_field& field) const {
  const auto found = std::ranges::lower_bound(times_, &field, {}, &time_found::first);
  assert(found != times_.end() && found->first == &field);
  return found->second;
}

bool event_checks::matches(const condition& c) const {
  if (c.is_plain_member) {
    const json_field* const field = event_.find(c.place);
    if (field != nullptr && field->kind == json_kind::string)
      return takes(c.values, value_of(*field));
  }
  const bool is_any_depth = c.place == none;
  const auto matches_value = [&](const json_field& field) {
    const json_value value = value_of(field);
    if (c.rule == none || !plan_.rule(c.rule).is_absent(value))
      return value.kind != json_kind::null && takes(c.values, value);
    const field_plan& rule = plan_.rule(c.rule);
    return rule.fallback && takes(c.values, rule.fallback_value());
  };
  const auto fields = event_.fields();
  const json_field* const first = is_any_depth ? fields.data() : event_.find(c.place);
  if (first == nullptr) {
    const field_plan* const rule = c.rule == none ? nullptr : &plan_.rule(c.rule);
    return rule != nullptr && rule->fallback && takes(c.values, rule->fallback_value());
  }
  if (c.path.steps.size() == 1 && !is_any_depth) return matches_value(*first);
  return std::any_of(first, fields.data() + fields.size(), [&](const json_field& field) {
    const bool is_there = is_any_depth
                              ? !field.key.empty() && field.name == c.path.steps.front().name
                              : !field.is_run && plan_.paths().at(field.state).place == c.place;
    return is_there && matches_value(field);
  });
}

const condition* event_checks::filtered_by() const {
  for (const condition& c : plan_.keep())
    if (!matches(c)) return &c;
  for (const condition& c : plan_.drop())
    if (matches(c)) return &c;
  return nullptr;
}

const json_field* first_unknown(const plan& rules, const json_event& event) {
  const auto& paths = rules.paths();
  const auto fields = event.fields();
  // Objects and arrays that are open, and what holds in them.
  std::vector<std::pair<std::uint32_t, inside>> open;
  for (std::uint32_t i = 0; i < fields.size();) {
    while (!open.empty() && open.back().first <= i) open.pop_back();
    const inside around = open.empty() ? inside::open : open.back().second;
    const json_field& field = fields[i];
    if (is_unknown(field, paths, around)) return &field;
    if (field.end == i + 1) {
      ++i;
      continue;
    }
    const auto& state = paths.at(field.state);
    // What only a filter looks at has no rule.
    if (!state.on_way) {
      i = field.end;
      continue;
    }
    open.emplace_back(field.end, state.inside);
    ++i;
  }
  return nullptr;
}

std::string shown_path(const json_event& event, const json_field& field) {
  constexpr std::size_t bytes_max = 200;
  std::string path = event.path_of(field);
  if (path.size() <= bytes_max) return path;
  std::size_t end = bytes_max;
  while ((static_cast<unsigned char>(path[end]) & 0xc0U) == 0x80U) --end;
  return path.substr(0, end) + "…";
}

}  // namespace turnstile::event
