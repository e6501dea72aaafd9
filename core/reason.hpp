// Why an input did not become an output: the closed set of reasons, in the order of the checks.
//
// Pure values, used on every thread. The names are part of the data contract (field `reason` of an
// error record, header `turnstile-reason`) and never change their meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnstile::core {

enum class reason : std::uint8_t {
  unreadable,
  tombstone,
  empty_value,
  too_large,
  bad_frame,
  invalid_utf8,
  invalid_json,
  too_deep,
  not_an_object,
  duplicate_key,
  missing_fields,
  unknown_field,
  wrong_type,
  bad_timestamp,
  bad_value,
  transform_failed,
  delivery_failed,
};

inline constexpr std::array<std::string_view, 17> reason_names{
    "unreadable",       "tombstone",      "empty_value", "too_large",     "bad_frame",
    "invalid_utf8",     "invalid_json",   "too_deep",    "not_an_object", "duplicate_key",
    "missing_fields",   "unknown_field",  "wrong_type",  "bad_timestamp", "bad_value",
    "transform_failed", "delivery_failed"};

inline constexpr std::size_t reason_count = reason_names.size();

[[nodiscard]] constexpr std::string_view name_of(reason r) {
  return reason_names[static_cast<std::size_t>(r)];
}

/// Whether the content of an error record may repeat fields: only where it is known which they are.
[[nodiscard]] constexpr bool may_repeat_content(reason r) {
  switch (r) {
    case reason::unreadable:
    case reason::tombstone:
    case reason::empty_value:
    case reason::too_large:
    case reason::bad_frame:
    case reason::invalid_utf8:
    case reason::invalid_json:
    case reason::too_deep:
    case reason::not_an_object:
    case reason::duplicate_key:
      return false;
    case reason::missing_fields:
    case reason::unknown_field:
    case reason::wrong_type:
    case reason::bad_timestamp:
    case reason::bad_value:
    case reason::transform_failed:
    case reason::delivery_failed:
      return true;
  }
  return false;
}

/// Where in the worker an input failed (header `turnstile-stage`).
enum class stage : std::uint8_t { parse, validate, transform, publish };

[[nodiscard]] constexpr std::string_view name_of(stage s) {
  constexpr std::array<std::string_view, 4> names{"parse", "validate", "transform", "publish"};
  return names[static_cast<std::size_t>(s)];
}

}  // namespace turnstile::core
