// An event before and after, as two columns: a field a line, what changed marked.
//
// A pure function; used by the demo. GUARANTEES: no line is wider than `width`, whatever the
// records hold, where `width` is at least `event_table_width_min`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "app/terminal/terminal.hpp"

namespace turnstile::app {

inline constexpr std::size_t event_table_width_min = 40;

struct event_side {
  std::string_view place;  ///< `topic/partition/offset`
  std::string_view value;
};

/// Marks are * for a changed value, + for a new field, - for one that is gone. Of an error record
/// the event within it is compared, field by field.
[[nodiscard]] std::string event_table(const event_side& before, const event_side& after,
                                      std::size_t width, const painter& paint);

}  // namespace turnstile::app
