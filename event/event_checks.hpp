// What the rules have against an event: missing, unknown and wrongly typed fields, bad times; and
// whether a filter takes it.
//
// Owned by one transform and used on its thread; reads the event that was parsed last. An error
// names paths, never values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/json_event.hpp"
#include "event/plan.hpp"
#include "event/times.hpp"

namespace turnstile::event {

class event_checks {
public:
  event_checks(const plan& rules, const json_event& event) : plan_(rules), event_(event) {}

  /// The first check that fails, in the order of core::reason.
  [[nodiscard]] std::optional<event_error> check();

  /// The first condition that takes the event out; null: it is kept.
  [[nodiscard]] const condition* filtered_by() const;

  /// Of a field that `check` found to be a time.
  [[nodiscard]] const core::parsed_timestamp& time_of(const json_field& field) const;

private:
  /// True: nothing is missing or of a wrong type, as is usual. False: the checks must look.
  [[nodiscard]] bool is_regular() const;
  [[nodiscard]] std::optional<event_error> check_present() const;
  [[nodiscard]] std::optional<event_error> check_unknown() const;
  [[nodiscard]] std::optional<event_error> check_types() const;
  [[nodiscard]] std::optional<event_error> check_times();
  [[nodiscard]] std::optional<event_error> check_time(const json_field& field);
  void note_lacking(std::uint32_t first, std::uint32_t end, const path_states::state& within,
                    std::vector<bool>& missing) const;
  [[nodiscard]] bool is_present(const json_field& field) const;
  [[nodiscard]] bool matches(const condition& c) const;

  const plan& plan_;
  const json_event& event_;
  using time_found = std::pair<const json_field*, core::parsed_timestamp>;

  std::vector<time_found> times_;  ///< In the order of the fields.
};

[[nodiscard]] inline core::parsed_timestamp read_time(const json_value& value,
                                                      const core::time_rule& rule) {
  return parse_time(value.kind, value.token, value.text, rule);
}

[[nodiscard]] inline json_value value_of(const json_field& field) {
  return {field.kind, field.raw, field.text};
}

/// To a list with commas.
void append_path(std::string& list, std::string_view path);

/// The first field that no rule names; null: there is none.
[[nodiscard]] const json_field* first_unknown(const plan& rules, const json_event& event);

/// The field's path, cut where it is very long.
[[nodiscard]] std::string shown_path(const json_event& event, const json_field& field);

}  // namespace turnstile::event
