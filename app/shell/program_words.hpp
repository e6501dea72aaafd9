// The whole command line as plain values: what completion and the manual page are made of.
//
// Read from the parser that the program itself uses, once, on the main thread.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace turnstile::app {

struct option_words {
  std::vector<std::string> names;  ///< `--config`, `-c`; of a positional argument one, without -.
  std::string value;               ///< `FILE`; empty: it takes none.
  std::string preset;              ///< What holds without it; empty: nothing is told.
  std::string about;
  std::vector<std::string> choices;  ///< What it takes; empty: anything.
  bool is_positional = false;
  bool is_repeatable = false;
  bool is_configuration = false;  ///< One of those that most commands share.
};

struct subcommand_words {
  std::string name;
  std::string about;
  std::vector<option_words> options;
  std::string footer;
};

struct program_words {
  std::string about;
  std::string footer;
  std::vector<option_words> options;
  std::vector<subcommand_words> commands;  ///< Those of the help, in its order.
};

[[nodiscard]] program_words describe(CLI::App& program);

}  // namespace turnstile::app
