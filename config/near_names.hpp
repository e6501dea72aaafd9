// What is said of a name that no option has: the one that was probably meant, or where all are.
//
// Pure functions; any thread may call them.
#pragma once

#include <string>
#include <string_view>

namespace turnstile::core {

/// "unknown option; did you mean privacy.hmac_key_file?": the end of a sentence.
[[nodiscard]] std::string unknown_option(std::string_view name);

/// The same of a variable of the environment: `TURNSTILE_KAFKA_GRUOP`.
[[nodiscard]] std::string unknown_variable(std::string_view name);

/// The option, table or table of rules that `name` was probably meant to be; empty: none is near.
[[nodiscard]] std::string_view near_option(std::string_view name);

/// Where a name is looked up, as the end of a sentence.
inline constexpr const char* all_options =
    "`turnstile check --print-reference` lists all (CONFIGURATION.md)";

}  // namespace turnstile::core
