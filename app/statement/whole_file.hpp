// A file that is there whole or as it was before.
//
// Free functions on the caller's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace turnstile::app {

/// By a file beside it and a rename. False: it could not be written.
[[nodiscard]] bool write_whole_file(const std::string& file, const std::string& text);

/// Nothing where it is no regular file, larger, or cannot be read.
[[nodiscard]] std::optional<std::string> read_whole_file(const std::string& file,
                                                         std::size_t bytes_max);

}  // namespace turnstile::app
