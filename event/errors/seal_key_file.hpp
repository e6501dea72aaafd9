// The keys of sealed contents, from their files.
//
// Free functions; any thread may call them. Nothing here shows a byte of a key, in errors neither.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/settings.hpp"
#include "event/errors/content_seal.hpp"

namespace turnstile::event {

/// The key of `errors.seal_key_file`, where contents are sealed; or why it cannot be used, in one
/// line without the option's name.
[[nodiscard]] std::variant<std::optional<seal_key>, std::string> load_seal_key(
    const core::settings& settings);

/// The secret key of `turnstile keygen seal`; the fault in one line.
[[nodiscard]] std::variant<content_opener, std::string> load_content_opener(
    const std::string& path);

}  // namespace turnstile::event
