// Which values of two JSON texts differ, found by walking both side by side.
//
// Pure, any thread. GUARANTEES: text that is no JSON is not read beyond its end; it differs as a
// whole.
#pragma once

#include <functional>
#include <string_view>

#include "event/path.hpp"

namespace turnstile::shadow {

/// `before` or `after` is empty where only the other has the value.
using each_difference =
    std::function<void(const event::path& at, std::string_view before, std::string_view after)>;

/// Values below `at` that differ. Members may stand in another order: that alone differs at the
/// object. All elements of an array have one path.
void walk_differences(event::path at, std::string_view before, std::string_view after,
                      const each_difference& each);

/// One level only: `each(name, before, after)` for the members of two objects. False where one of
/// them is none.
[[nodiscard]] bool walk_members(
    std::string_view before, std::string_view after,
    const std::function<void(std::string_view name, std::string_view before,
                             std::string_view after)>& each);

}  // namespace turnstile::shadow
