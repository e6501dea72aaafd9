// What a command of the program is: its words, its options and the function that runs it.
//
// A value. A command is one file, whose function returns its `command_of`, and one row of the table
// in app/commands.cpp; help, dispatch and "did you mean" come from that table. THREAD: used on the
// main thread, before any other exists.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace turnstile::app {

/// The heading of the options that `config_use` gives.
inline constexpr const char* configuration_group = "Configuration";

/// What of the configuration a command takes on its command line. Each takes what those before do.
enum class config_use : std::uint8_t {
  none,       ///< Nothing; no configuration is loaded either.
  overrides,  ///< --set.
  sources,    ///< Also --config and --brokers.
  worker,     ///< Also --group.
};

struct command_words {
  std::string_view name;
  std::string_view about;
  std::string_view group;  ///< Its heading in `turnstile --help`; empty: it is not in there.
  config_use configuration = config_use::none;
  bool takes_faults = false;  ///< It is also run with a configuration that has faults.
  std::string_view group_help = "Short for --set kafka.group=...";
  std::string footer;  ///< Behind its options in its help.
};

/// What a command is run with, beside its own arguments.
struct command_input {
  core::config config;
  std::vector<std::string> config_files;
  bool group_given = false;     ///< By --group.
  CLI::App* program = nullptr;  ///< For the commands that describe all of them.
};

/// A command with its arguments' type, so that a test can keep the options and note what is run.
template <typename Args>
struct command_of {
  command_words words;
  /// Adds its own options, which write into the arguments; the arguments outlive the parser.
  std::function<void(CLI::App& to, Args& args)> add_options;
  /// Returns the exit code of the process (core/exit_codes.hpp). What it throws is left to main.
  std::function<int(const Args& args, const command_input& input)> run;
};

/// A row of the table.
struct command {
  template <typename Args>
  command(command_of<Args> typed)  // NOLINT(google-explicit-constructor): a row is written so.
    : words(std::move(typed.words)),
      bind([add_options = std::move(typed.add_options), run = std::move(typed.run)](CLI::App& to) {
        const auto args = std::make_shared<Args>();
        add_options(to, *args);
        return [args, run](const command_input& input) { return run(*args, input); };
      }) {}

  using runner = std::function<int(const command_input&)>;

  command_words words;
  /// Adds the options to `to`; what it returns runs the command with what was parsed.
  std::function<runner(CLI::App& to)> bind;
};

}  // namespace turnstile::app
