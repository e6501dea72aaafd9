#include "app/shell/program_words.hpp"

#include <string_view>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/commands/command.hpp"

namespace turnstile::app {

namespace {

option_words words_of(CLI::Option& option) {
  option_words words;
  for (const auto& name : option.get_lnames()) words.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) words.names.push_back("-" + name);
  words.is_positional = words.names.empty();
  if (words.is_positional) words.names.push_back(option.get_name());
  if (option.get_type_size() != 0) words.value = option.get_type_name();
  words.preset = option.get_default_str();
  words.about = option.get_description();
  words.choices = choices_of(option);
  words.is_repeatable = option.get_expected_max() > 1;
  words.is_configuration = option.get_group() == configuration_group;
  return words;
}

std::vector<option_words> options_of(CLI::App& app) {
  std::vector<option_words> words;
  for (auto* option : app.get_options()) words.push_back(words_of(*option));
  return words;
}

}  // namespace

program_words describe(CLI::App& program) {
  program_words words{.about = program.get_description(),
                      .footer = program.get_footer(),
                      .options = options_of(program)};
  for (auto* command : program.get_subcommands({}))
    if (!command->get_group().empty())
      words.commands.push_back({.name = command->get_name(),
                                .about = command->get_description(),
                                .options = options_of(*command),
                                .footer = command->get_footer()});
  return words;
}

}  // namespace turnstile::app
