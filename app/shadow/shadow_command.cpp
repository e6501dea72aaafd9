#include "app/shadow/shadow_command.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/commands/audit_options.hpp"
#include "app/terminal/read_progress.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "app/trial/trial.hpp"
#include "core/exit_codes.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Reads inputs and the outputs that they have, computes what this configuration (or this\n"
    "version) would write, and compares. Joins no group, writes nothing. docs/shadow.md.\n"
    "\n"
    "What may be expected, with commas between:\n"
    "  PATH           other values at this path of the event, or below it\n"
    "  FROM:TO        another outcome: processed, filtered, error, or the reason of an error\n"
    "  header:NAME, record:PART   as the report names them\n"
    "\n"
    "Examples:\n"
    "  turnstile shadow -c new.toml --since 2024-10-25T00:00:00Z\n"
    "  turnstile shadow -c new.toml --expect missing_fields:processed\n"
    "  turnstile shadow -c new.toml --expect client.ip,header:trace --show-values\n"
    "\n"
    "Exit codes: 0 nothing unexpected, 1 a difference, or nothing could be compared,\n"
    "69 no broker reached, 78 bad configuration.";

void print_report(const shadow::shadow_report& report, bool json) {
  if (json) {
    std::printf("%s\n", shadow::to_json(report).c_str());
    return;
  }
  const painter paint{stdout};
  const bool differs = report.unexpected() > 0;
  const auto word = report.is_fine() ? paint(colour::green, "OK")
                    : differs        ? paint(colour::red, "DIFFERENT")
                                     : paint(colour::yellow, "UNKNOWN");
  std::printf("%s\n%s %s (%.1f s)\n", shadow::to_text(report).c_str(), word.c_str(),
              shadow::to_sentence(report).c_str(), report.seconds);
}

int run_shadow(const shadow::shadow_args& args, const command_input& input) {
  auto rules = load_rules(input.config.values);
  if (const auto* fault = std::get_if<std::string>(&rules)) {
    complain(*fault);
    return exit_configuration;
  }
  block_stop_signals();
  const auto begin = std::chrono::steady_clock::now();
  auto session = shadow::shadow_session::open(args, input.config.values,
                                              std::get<std::shared_ptr<const event::plan>>(rules));
  if (!session) {
    complain(session.error().text);
    return exit_unavailable;
  }
  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  read_progress progress;
  const auto error = (*session)->run(progress.watcher<shadow::shadow_session::watcher>(stop));
  progress.clear();
  if (error) {
    complain(error->text);
    return exit_unavailable;
  }
  auto report = (*session)->report();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  report.seconds = passed.count();
  print_report(report, args.json);
  return report.is_fine() ? exit_ok : exit_failed;
}

void add_options(CLI::App& to, shadow::shadow_args& args) {
  to.add_option_function<std::string>(
        "--since", [&args](const std::string& text) { args.wanted.since_s = audit_time_of(text); },
        "Compare inputs from this time on (seconds, or ISO 8601)")
      ->type_name("TIME")
      ->check(audit_time_fault)
      ->group("Range");
  to.add_option_function<std::string>(
        "--offsets",
        [&args](const std::string& text) { args.wanted.offsets = audit_offsets_of(text); },
        "Compare these offsets of the input only, both ends included")
      ->type_name("P:FROM-TO,...")
      ->check(audit_offsets_fault)
      ->excludes("--since")
      ->group("Range");
  to.add_option("--sample", args.wanted.sample,
                "Compare so many of the newest inputs that have outcomes")
      ->type_name("N")
      ->check(whole_number_from_1)
      ->excludes("--since")
      ->excludes("--offsets")
      ->group("Range");
  to.add_option_function<std::vector<std::string>>(
        "--expect",
        [&args](const std::vector<std::string>& texts) {
          for (const auto& text : texts) args.expected.add(text);
        },
        "Differences that are no surprise")
      ->type_name("PATH,...")
      ->check(shadow::expectations::fault_of);
  to.add_flag("--show-values", args.show_values, "Show a few values that differ; may be personal");
  to.add_flag("--json", args.json, "One JSON object instead of text");
}

}  // namespace

command_of<shadow::shadow_args> shadow_command() {
  return {.words = {.name = "shadow",
                    .about = "Compare what a new configuration would write with what was written",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_shadow};
}

}  // namespace turnstile::app
