// What is said of a command line that cannot be understood, and the help's form.
//
// Pure functions around CLI11, called once, on the main thread. GUARANTEES: no value of an argument
// is repeated but the name of a configuration file, a broker, and `lag`'s group: it may be secret,
// and standard error ends in logs.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class FormatterBase;
class ParseError;
}  // namespace CLI

namespace turnstile::app {

/// `help`, `help COMMAND` as the option that they mean.
[[nodiscard]] std::vector<std::string> help_as_option(std::vector<std::string> arguments,
                                                      const CLI::App& app);

/// The likeliest cause first: CLI11 itself only says that something was not expected.
[[nodiscard]] std::string usage_error(const CLI::ParseError& error, const CLI::App& app,
                                      const std::vector<std::string>& arguments);

/// `--count N (20000)`: CLI11 would add what else an option needs, excludes and checks.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace turnstile::app
