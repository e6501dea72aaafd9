// Text as the inside of a JSON string.
//
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace turnstile::event {

/// Each escape as short as it can be, so that a string's text, written again, is never longer than
/// its token was. REQUIRES: valid UTF-8.
[[nodiscard]] char* write_escaped(char* to, std::string_view text);

/// What `write_escaped` writes for a text.
[[nodiscard]] std::size_t escaped_bytes(std::string_view text);

}  // namespace turnstile::event
