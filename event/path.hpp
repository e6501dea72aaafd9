// Where in an event a rule holds: `a.b`, `a[].b`, `a[][]`, `**.name`, `'"a.b".c'`.
//
// Pure functions over plain values; any thread may call them. GUARANTEES: a fault says what is
// wrong and at which byte; the canonical text of a path is parsed back into the same path.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnstile::event {

/// No event is nested deeper.
inline constexpr std::size_t path_levels_max = 32;

enum class path_step_kind : std::uint8_t {
  member,         ///< Of an object, by its unescaped name.
  elements,       ///< `[]`: each one of an array.
  member_at_any,  ///< `**.name`: at any depth; the only step of its path.
};

struct path_step {
  path_step_kind kind = path_step_kind::member;
  std::string name;  ///< Of a member, without quotes.
  friend bool operator==(const path_step&, const path_step&) = default;
};

/// Empty for no path at all.
struct path {
  std::vector<path_step> steps;
  friend bool operator==(const path&, const path&) = default;
};

struct parsed_path {
  path value;
  std::string fault;  ///< Empty: `value` is what the text says.
};

[[nodiscard]] parsed_path parse_path(std::string_view text);

/// The canonical text: quotes stand only where a name needs them.
[[nodiscard]] std::string path_text(const path& p);

/// Which of two rules that match the same value holds: the greater one. Names, then `[]`, then
/// `**`.
[[nodiscard]] std::strong_ordering compare_specificity(const path& a, const path& b);

/// Whether `inner` lies below `outer`, which both are without `**`.
[[nodiscard]] bool is_below(const path& inner, const path& outer);

[[nodiscard]] bool is_at_any_depth(const path& p);

}  // namespace turnstile::event
