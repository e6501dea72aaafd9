#include "app/cli.hpp"

#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>

#include "app/help_text.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/usage_error.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::app {

namespace {

/// What the parser writes of the configuration.
struct given_config {
  std::vector<std::string> files;
  std::vector<std::string> sets;
  std::string brokers;
  std::string group;
};

/// A command line that was understood.
struct invocation {
  const command_words* words = nullptr;
  command::runner run;
  std::vector<std::string> config_files;
  std::vector<core::override_text> overrides;
  bool group_given = false;
};

/// Either `invocation`, or what to print and the exit code.
struct parsed_command_line {
  std::optional<app::invocation> invocation;
  std::string output;  ///< Help, for standard output.
  std::string error;   ///< For standard error.
  int exit_code = exit_ok;
};

void add_config_options(CLI::App& to, const command_words& words, given_config& given) {
  const auto grouped = [](CLI::Option* option, const char* type) {
    return option->type_name(type)->group(configuration_group);
  };
  if (words.configuration >= config_use::sources) {
    grouped(to.add_option("-c,--config", given.files,
                          "Configuration file (TOML); repeatable, later ones over earlier ones"),
            "FILE")
        ->allow_extra_args(false);
    grouped(to.add_option("-b,--brokers,--bootstrap-server", given.brokers,
                          "Short for --set kafka.brokers=..."),
            "HOST:PORT,...");
  }
  if (words.configuration >= config_use::worker)
    grouped(to.add_option("--group", given.group, std::string{words.group_help}), "NAME");
  if (words.configuration >= config_use::overrides)
    grouped(to.add_option("--set", given.sets, "One option, over file and environment; repeatable"),
            "TABLE.KEY=VALUE")
        ->allow_extra_args(false);
}

/// What runs it, once the command line is parsed.
command::runner add_command(CLI::App& app, const command& added, given_config& given) {
  auto* to = app.add_subcommand(std::string{added.words.name}, std::string{added.words.about});
  to->group(std::string{added.words.group});
  add_config_options(*to, added.words, given);
  auto run = added.bind(*to);
  to->footer(added.words.footer);
  return run;
}

invocation make_invocation(const CLI::App& chosen, const command_words& words, command::runner run,
                           const given_config& from) {
  invocation out{.words = &words, .run = std::move(run), .config_files = from.files};
  for (const auto& text : from.sets) out.overrides.push_back(core::parse_override(text));
  const auto given = [&](const char* name) {
    const auto* option = chosen.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  // After --set, so that the shorter form holds where both are given.
  if (given("--brokers")) out.overrides.push_back({"kafka.brokers", from.brokers, "--brokers"});
  if (given("--group")) {
    out.overrides.push_back({"kafka.group", from.group, "--group"});
    out.group_given = true;
  }
  return out;
}

/// Its options write into itself, so it stays where it is.
struct parser {
  given_config given;
  CLI::App app{program_about(), "turnstile"};
  std::vector<command::runner> runners;

  explicit parser(const std::vector<command>& table) {
    app.require_subcommand(1);
    app.formatter(help_formatter());
    app.footer(program_footer());
    app.set_version_flag("-V,--version", std::string("turnstile ") + TURNSTILE_VERSION);
    for (const auto& row : table) runners.push_back(add_command(app, row, given));
  }
  parser(const parser&) = delete;
  parser& operator=(const parser&) = delete;
};

parsed_command_line parse_command_line(parser& by, const std::vector<command>& table,
                                       std::vector<std::string> arguments) {
  CLI::App& app = by.app;
  parsed_command_line out;
  arguments = help_as_option(std::move(arguments), app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    const auto* chosen = app.get_subcommands().front();
    for (std::size_t i = 0; i < table.size(); ++i)
      if (table[i].words.name == chosen->get_name())
        out.invocation = make_invocation(*chosen, table[i].words, by.runners[i], by.given);
  } catch (const CLI::Success& asked) {
    // --help and --version; CLI11 formats them itself.
    std::ostringstream text;
    app.exit(asked, text, text);
    out.output = text.str();
  } catch (const CLI::ParseError& error) {
    if (arguments.empty()) out.error = app.help();
    out.error += usage_error(error, app, arguments);
    out.exit_code = exit_usage;
  }
  return out;
}

int run_invocation(const invocation& what, const environment& variables, CLI::App& program) {
  command_input input{
      .config_files = what.config_files, .group_given = what.group_given, .program = &program};
  if (what.words->configuration != config_use::none)
    input.config = core::load_config({.files = what.config_files,
                                      .environment = variables,
                                      .command_line = what.overrides,
                                      .check_property = kafka_io::library_fault,
                                      .rdkafka_version = kafka_io::library_version()});
  if (!input.config.faults.empty() && !what.words->takes_faults) {
    for (const auto& fault : input.config.faults)
      std::fprintf(stderr, "turnstile: %s\n", fault.c_str());
    return exit_configuration;
  }
  return what.run(input);
}

int run_parsed(const parsed_command_line& parsed, const environment& variables, CLI::App& program) {
  std::fputs(parsed.output.c_str(), stdout);
  std::fputs(parsed.error.c_str(), stderr);
  return parsed.invocation ? run_invocation(*parsed.invocation, variables, program)
                           : parsed.exit_code;
}

}  // namespace

int run_command_line(const std::vector<command>& table, std::vector<std::string> arguments,
                     const environment& variables) {
  parser by{table};
  const auto parsed = parse_command_line(by, table, std::move(arguments));
  return exit_code_after_output(run_parsed(parsed, variables, by.app));
}

}  // namespace turnstile::app
