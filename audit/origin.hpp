// The headers `turnstile-origin` and `turnstile-origin-timestamp` of an output: from which input it
// came, and when that was written.
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

}  // namespace turnstile::audit
