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
  invalid_utf8,
  invalid_json,
  too_deep,
  not_an_object,
  duplicate_key,
  missing_fields,
  wrong_type,
  bad_timestamp,
  transform_failed,
  delivery_failed,
};

inline constexpr std::array<std::string_view, 14> reason_names{
    "unreadable",   "tombstone",     "empty_value",      "too_large",      "invalid_utf8",
    "invalid_json", "too_deep",      "not_an_object",    "duplicate_key",  "missing_fields",
    "wrong_type",   "bad_timestamp", "transform_failed", "delivery_failed"};

inline constexpr std::size_t reason_count = reason_names.size();

[[nodiscard]] constexpr std::string_view name_of(reason r) {
  return reason_names[static_cast<std::size_t>(r)];
}

/// Where in the worker an input failed (header `turnstile-stage`).
enum class stage : std::uint8_t { parse, validate, transform, publish };

[[nodiscard]] constexpr std::string_view name_of(stage s) {
  constexpr std::array<std::string_view, 4> names{"parse", "validate", "transform", "publish"};
  return names[static_cast<std::size_t>(s)];
}

}  // namespace turnstile::core
