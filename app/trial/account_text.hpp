// What became of one event, as text for people and as JSON.
//
// Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <string>

#include "app/trial/trial.hpp"

namespace turnstile::app {

/// One object, without a line's end; docs/event-rules.md lists its fields.
[[nodiscard]] std::string account_json(const core::settings& settings, const given_event& event,
                                       const tried_event& tried);

/// The checks in their order, the fields with their rules, and the record.
[[nodiscard]] std::string account_text(const core::settings& settings, const given_event& event,
                                       const tried_event& tried);

/// A key's or a header's value as JSON.
[[nodiscard]] std::string json_or_null(const std::optional<std::string>& text);

/// What the filter's name of a record is: `filtered_app_version`; empty where it is none.
[[nodiscard]] std::string clean_type_of(const tried_event& tried);

}  // namespace turnstile::app
