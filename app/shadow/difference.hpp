// Where two outcomes of one input differ: by path of the event, by header, by part of the record.
//
// Pure functions, any thread; called only for outcomes whose bytes differ. GUARANTEES: whatever the
// bytes are, a difference has a name; at most `differences_max` of one pair.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/shadow/outcome.hpp"

namespace turnstile::shadow {

inline constexpr std::size_t differences_max = 1000;

/// What is no path has a colon in its name; a path that would look the same is quoted.
struct difference {
  std::string name;  ///< `client.ip`, `header:NAME`, `record:key`.
  std::string before;
  std::string after;  ///< As they stand there; empty: there is none.
};

/// `NAME:` in front, for what is no path of the event.
inline constexpr std::string_view record_part = "record:";
inline constexpr std::string_view header_part = "header:";

/// Of two that ended alike, each name once. `frame_bytes`: before the event of a processed record.
[[nodiscard]] std::vector<difference> find_differences(const unpacked& before,
                                                       const unpacked& after,
                                                       std::size_t frame_bytes);

}  // namespace turnstile::shadow
