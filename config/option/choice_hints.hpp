// What a choice was meant to be where it is named by the word of another system, or of a file here.
//
// Pure functions. Each gives the end of a sentence that begins with the choice, or nothing.
#pragma once

#include <string>
#include <string_view>

namespace turnstile::core {

using choice_hint = std::string (*)(std::string_view);

/// The method of ours that does what `word` says: `hash` is `pseudonym`.
[[nodiscard]] std::string method_hint(std::string_view word);

/// That the rules of a product are a file, which -c takes.
[[nodiscard]] std::string preset_hint(std::string_view word);

}  // namespace turnstile::core
