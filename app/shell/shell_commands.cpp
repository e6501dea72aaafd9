#include "app/shell/shell_commands.hpp"

#include <cstdio>
#include <iterator>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/shell/completion.hpp"
#include "app/shell/man_page.hpp"
#include "app/shell/program_words.hpp"
#include "config/options.hpp"
#include "core/exit_codes.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "The package installs them; without it, for the shell that runs:\n"
    "  source <(turnstile completion bash)\n"
    "  source <(turnstile completion zsh)\n"
    "  turnstile completion fish | source";

int print_completion(const completion_args& args, const command_input& input) {
  std::vector<std::string> settings;
  for (const auto& option : core::option_table()) settings.emplace_back(option.name);
  std::fputs(completion_script(args.shell, describe(*input.program), settings).c_str(), stdout);
  return exit_ok;
}

int print_man_page(const man_args& /*args*/, const command_input& input) {
  std::fputs(man_page(describe(*input.program), TURNSTILE_VERSION).c_str(), stdout);
  return exit_ok;
}

}  // namespace

command_of<completion_args> completion_command() {
  return {.words = {.name = "completion",
                    .about = "Print the completion of a shell",
                    .group = "Tools",
                    .footer = help_end},
          .add_options =
              [](CLI::App& to, completion_args& args) {
                to.add_option("shell", args.shell, "bash, zsh or fish")
                    ->type_name("SHELL")
                    ->check(one_of({std::begin(shells), std::end(shells)}))
                    ->required();
              },
          .run = print_completion};
}

command_of<man_args> man_command() {
  return {.words = {.name = "man", .about = "Print the manual page", .group = ""},
          .add_options = [](CLI::App& /*to*/, man_args& /*args*/) {},
          .run = print_man_page};
}

}  // namespace turnstile::app
