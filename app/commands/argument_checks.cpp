#include "app/commands/argument_checks.hpp"

#include <iterator>
#include <sstream>
#include <string_view>

#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr std::string_view choices_prefix = "choices: ";

}  // namespace

std::string whole_number(const std::string& text) {
  const bool digits = !text.empty() && text.size() < 19 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : "expects a whole number, not " + core::quoted_short(text);
}

std::string whole_number_from_1(const std::string& text) {
  const auto wrong = whole_number(text);
  const bool zero = wrong.empty() && text.find_first_not_of('0') == std::string::npos;
  return zero ? "must be at least 1" : wrong;
}

std::string not_negative(const std::string& text) {
  return text.starts_with('-') || text == "nan" || text == "inf"
             ? "expects a number from 0, not " + core::quoted_short(text)
             : "";
}

CLI::Validator within(std::int64_t least, std::int64_t most) {
  return CLI::Validator{CLI::Range(least, most)}.description("");
}

CLI::Validator one_of(std::vector<std::string> names) {
  // Its own name carries them: CLI11 would print a description.
  std::string list{choices_prefix};
  for (const auto& name : names) list += name + ' ';
  return CLI::Validator{CLI::IsMember(std::move(names))}.description("").name(list);
}

std::vector<std::string> choices_of(CLI::Option& option) {
  try {
    for (int i = 0;; ++i) {
      const auto& name = option.get_validator(i)->get_name();
      if (!name.starts_with(choices_prefix)) continue;
      std::istringstream list{name.substr(choices_prefix.size())};
      return {std::istream_iterator<std::string>{list}, {}};
    }
  } catch (const CLI::OptionNotFound&) {
    // Behind the last one.
    return {};
  }
}

}  // namespace turnstile::app
