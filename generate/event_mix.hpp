// Kinds of generated events, and in which shares they come.
//
// Pure values; any thread. A kind is what becomes of the event under the default settings: an
// outcome, and where it fails, its reason.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/batch.hpp"
#include "core/reason.hpp"

namespace turnstile::generate {

/// Outcomes first, then the reasons that a record itself can give, in the order of core::reason.
enum class event_kind : std::uint8_t {
  processed,
  filtered,
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
};
inline constexpr std::size_t event_kind_count = 13;

[[nodiscard]] core::outcome outcome_of(event_kind kind);

/// Of a kind that fails.
[[nodiscard]] std::optional<core::reason> reason_of(event_kind kind);

/// "processed", "filtered", or the reason's name.
[[nodiscard]] std::string_view name_of(event_kind kind);

template <typename Value>
using by_kind = std::array<Value, event_kind_count>;

struct event_mix {
  by_kind<double> shares{};  ///< Relative; not all 0.

  /// Good events of every shape the contract allows, bad ones of every sort that their kind has.
  /// Otherwise all look as the real stream's.
  bool varied = true;
};

/// Either a mix or, not empty, what is wrong with the text.
struct parsed_mix {
  event_mix mix;
  std::string fault;
};

/// A preset (`seed`, `mixed`, `good`, `bad`) or a list `kind=share,…`; empty is `seed`.
[[nodiscard]] parsed_mix parse_mix(std::string_view text);

/// `{"sent":…,"processed":…,"filtered":…,"errors":{"missing_fields":…}}`, reasons with none left
/// out.
[[nodiscard]] std::string counts_json(const by_kind<std::uint64_t>& counts);

}  // namespace turnstile::generate
