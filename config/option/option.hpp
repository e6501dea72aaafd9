// What an option is: its name, type, bounds, help and place in `settings`, and how its value is
// read, checked and shown.
//
// Plain values and pure functions; any thread may call them. The options themselves are in
// config/options.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/option/choice_hints.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

enum class option_type : std::uint8_t { boolean, integer, text, list, choice };

/// What an option can hold; a choice is the text of its name.
using option_value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

struct option {
  std::string_view name;  ///< Dotted, as in the file: `producer.linger_ms`.
  option_type type = option_type::text;
  option_value standard;  ///< The default.
  std::int64_t min = 0;   ///< Of an integer.
  std::int64_t max = 0;
  std::string_view unit;                ///< Of an integer; may be empty.
  std::vector<std::string_view> names;  ///< Of a choice.
  bool required = false;                ///< A text or list that must not be empty.
  std::string_view help;                ///< Sentences that say the consequence.

  /// What is wrong with a text or with one item of a list; empty where nothing is. May be null.
  std::string (*check)(std::string_view) = nullptr;
  choice_hint hint = nullptr;  ///< Of a choice: what other words for it mean. May be null.
  std::function<option_value(const settings&)> get;
  std::function<void(settings&, const option_value&)> set;  ///< REQUIRES: `value_fault` is empty.
};

/// `TURNSTILE_PRODUCER_LINGER_MS` for `producer.linger_ms`.
[[nodiscard]] std::string environment_name(std::string_view option_name);

/// Why `value` cannot be the option's, as the end of a sentence; empty where it can.
[[nodiscard]] std::string value_fault(const option& option, const option_value& value);

/// Reads a value from an environment variable or the command line; lists are comma separated.
struct parsed_value {
  option_value value;
  std::string fault;  ///< Empty: `value` is of the option's type, but not yet checked.
};
[[nodiscard]] parsed_value parse_value(const option& option, std::string_view text);

/// "an integer from 0 to 900000 (milliseconds)".
[[nodiscard]] std::string expectation(const option& option);

/// As it would stand in the file.
[[nodiscard]] std::string to_toml(const option_value& value);

/// The candidate that `word` was probably meant to be; empty where none is near.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace turnstile::core
