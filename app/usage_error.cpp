#include "app/usage_error.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>

#include "config/near_names.hpp"
#include "config/options.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

class plain_formatter : public CLI::Formatter {
public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return {};
    std::string text;
    if (!option->get_type_name().empty()) text += " " + option->get_type_name();
    if (option->get_expected_max() > 1 && !text.ends_with("...")) text += " ...";
    if (!option->get_default_str().empty()) text += " (" + option->get_default_str() + ")";
    return text;
  }
};

/// As written up to where a value may begin; empty for what is no option.
std::string option_word(const std::string& word) {
  if (word.size() < 2 || word.front() != '-') return {};
  if (word[1] != '-') return word.substr(0, 2);
  const auto end = std::ranges::find_if(word, [](unsigned char c) {
    return std::isalnum(c) == 0 && c != '-' && c != '.' && c != '_';
  });
  return {word.begin(), end};
}

std::string meant(const std::string& name) {
  return name.empty() ? "" : "; did you mean " + name + "?";
}

/// What is said behind an option that is none: one of this command, or of the configuration, which
/// goes by --set.
std::string about_option(const std::string& word, const CLI::App& command) {
  // Of one letter every other is near.
  if (!word.starts_with("--")) return {};
  const std::string name = word.substr(2);
  if (name.find('.') != std::string::npos) {
    const auto near = core::near_option(name);
    if (core::find_option(near) != nullptr) return meant("--set " + std::string{near} + "=…");
    if (name.starts_with("kafka.")) return meant("--set " + name + "=…");
    return std::string{"; options of the configuration go by --set, and "} + core::all_options;
  }
  std::vector<std::string> known;
  for (const auto* option : command.get_options())
    for (const auto& long_name : option->get_lnames()) known.push_back("--" + long_name);
  const std::vector<std::string_view> names(known.begin(), known.end());
  return meant(std::string{core::closest(word, names)});
}

bool is_made_of(std::string_view word, std::string_view others) {
  return !word.empty() && std::ranges::all_of(word, [others](unsigned char c) {
    return std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != others.npos;
  });
}

/// What a word without an option was meant to be; empty where it may be anything, a secret too.
std::string meant_by(const std::string& word, const CLI::App& command) {
  const auto has = [&command](const char* option) {
    return command.get_option_no_throw(option) != nullptr;
  };
  if (has("--config") && word.ends_with(".toml") && is_made_of(word, "._-/~")) return "-c " + word;
  const auto colon = word.rfind(':');
  if (has("--brokers") && colon != std::string::npos && is_made_of(word.substr(0, colon), "._-") &&
      std::ranges::all_of(word.substr(colon + 1), [](unsigned char c) { return std::isdigit(c); }))
    return "-b …," + word;
  if (command.get_name() == "lag" && is_made_of(word, "._-")) return "--group " + word;
  return {};
}

/// An argument behind an unknown option is mostly its value.
std::string not_expected(const std::vector<std::string>& words, const CLI::App& command) {
  std::string text;
  for (const auto& word : words)
    if (const auto option = option_word(word); !option.empty())
      core::append_item(text, "unknown option " + option + about_option(option, command));
  if (!text.empty()) return text;
  for (const auto& word : words)
    if (const auto what = meant_by(word, command); !what.empty())
      core::append_item(text, "unexpected argument " + core::quoted_short(word) + meant(what));
  return text.empty() ? "an argument that is no option is not expected" : text;
}

}  // namespace

std::vector<std::string> help_as_option(std::vector<std::string> arguments, const CLI::App& app) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  if (arguments.size() == 1) return {"--help"};
  // With --help behind it an unknown one would be passed over.
  const auto is_meant = [&](const CLI::App* known) { return known->get_name() == arguments[1]; };
  if (std::ranges::none_of(app.get_subcommands({}), is_meant)) return {arguments[1]};
  return {arguments[1], "--help"};
}

std::string usage_error(const CLI::ParseError& error, const CLI::App& app,
                        const std::vector<std::string>& arguments) {
  const CLI::App* command = &app;
  std::vector<std::string> names;
  for (const auto* known : app.get_subcommands({})) {
    names.push_back(known->get_name());
    if (!arguments.empty() && known->get_name() == arguments.front()) command = known;
  }
  std::string text = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr
                         ? not_expected(app.remaining(true), *command)
                         : core::printable(error.what());
  std::string help = "turnstile --help";
  if (command != &app) {
    help = "turnstile " + command->get_name() + " --help";
  } else if (!arguments.empty() && !arguments.front().starts_with('-')) {
    const std::string& word = arguments.front();
    const std::vector<std::string_view> views(names.begin(), names.end());
    text = "unknown command " + core::quoted_short(word.substr(0, word.find('='))) +
           meant(std::string{core::closest(word, views)});
  }
  return "turnstile: " + text + "\nTry '" + help + "'.\n";
}

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  auto formatter = std::make_shared<plain_formatter>();
  formatter->column_width(30);
  return formatter;
}

}  // namespace turnstile::app
