// The headers of an output that say where it is from: which input, when that was written, and
// whether a redrive made it.
//
// Pure functions, any thread. What they return points into what they were given.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/record.hpp"

namespace turnstile::audit {

struct record_origin {
  std::string_view topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

/// Nothing where it is not of the form `topic/partition/offset`.
[[nodiscard]] std::optional<record_origin> parse_origin(std::string_view header);

/// In milliseconds; nothing where there is no such header, or not exactly one that is a number.
[[nodiscard]] std::optional<std::int64_t> origin_time(std::span<const core::header_view> headers);

/// The value of the header that has this name; nothing where there is none, or more than one.
[[nodiscard]] std::optional<std::string_view> only_header(
    std::span<const core::header_view> headers, std::string_view name);

/// In the place of an error record, of an input that had no outcome.
inline constexpr std::string_view redriven_missing = "missing";

/// Whether a redrive wrote it: it has one header `turnstile-redrive`, which names an error record,
/// or that there was none.
[[nodiscard]] bool is_redriven(std::span<const core::header_view> headers);

}  // namespace turnstile::audit
