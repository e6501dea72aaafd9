#include "app/redrive/redrive_command.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include "app/commands/argument_checks.hpp"
#include "app/commands/audit_options.hpp"
#include "app/redrive/redrive_session.hpp"
#include "app/terminal/read_progress.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "app/worker/key_watch.hpp"
#include "core/exit_codes.hpp"
#include "event/errors/seal_key_file.hpp"
#include "event/methods/load_keys.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

constexpr const char* help_end =
    "Reads from the error topic which inputs failed, fetches these inputs, applies the rules\n"
    "that are in force now, and writes the new outcomes, in transactions. Inputs that ended\n"
    "well since are left alone; one that fails again keeps its error record. A redrive that was\n"
    "killed is run again, and goes on where it was. docs/redrive.md has it all.\n"
    "\n"
    "Examples:\n"
    "  turnstile redrive -c turnstile.toml --dry-run\n"
    "  turnstile redrive -c turnstile.toml --reason bad_timestamp --since 2024-10-25T14:00:00Z\n"
    "  turnstile redrive -c turnstile.toml --missing\n"
    "\n"
    "Exit codes: 0 done, 1 something could not be redriven, 69 no broker reached,\n"
    "76 another redrive of the group has taken over.";

/// The rules and the key in force now, as a worker that started now would have them. Or nothing,
/// and why is told.
std::shared_ptr<const core::transform_version> version_of(const core::settings& settings) {
  auto loaded = event::load_method_keys(event::key_files_of(settings));
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded)) {
    complain(fault->option + ": " + fault->error);
    return nullptr;
  }
  auto seal = event::load_seal_key(settings);
  if (const auto* fault = std::get_if<std::string>(&seal)) {
    complain("errors.seal_key_file: " + *fault);
    return nullptr;
  }
  const key_watch keys{std::make_shared<const core::settings>(settings),
                       std::get<event::loaded_keys>(std::move(loaded)),
                       std::get<0>(std::move(seal)), std::make_shared<core::worker_figures>()};
  return keys.versions()->in_force();
}

void print_report(const redrive_tally& tally, const redrive_facts& facts, bool json) {
  if (json) {
    std::printf("%s\n", to_json(tally, facts).c_str());
  } else {
    const painter paint{stdout};
    std::printf("%s%s %s\n", to_text(tally, facts).c_str(),
                tally.complete() ? paint(colour::green, "OK").c_str()
                                 : paint(colour::red, "INCOMPLETE").c_str(),
                to_sentence(tally, facts).c_str());
  }
  std::fflush(stdout);
}

int exit_code_after(const kafka_io::io_error& error) {
  if (!kafka_io::transactional_writer::is_fenced(error)) {
    complain(error.text + "; what was committed stays, run it again to go on");
    return exit_unavailable;
  }
  complain("another redrive of this group has taken over, or a transaction took too long (" +
           error.text + "); what was committed stays");
  return exit_fenced;
}

int run_redrive(const redrive_args& args, const command_input& input) {
  block_stop_signals();
  // Keys and events are in memory, as in the worker.
  prctl(PR_SET_DUMPABLE, 0);
  const auto& settings = input.config.values;
  auto version = version_of(settings);
  if (!version) return exit_configuration;
  auto topics = redrive_topics::open(settings);
  if (!topics) {
    complain(topics.error().text);
    return exit_unavailable;
  }
  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  read_progress progress;
  redrive_session session{args, settings, std::move(*topics), std::move(version)};
  const auto begin = clock::now();
  const auto error = session.run(progress.watcher<redrive_session::watcher>(stop));
  progress.clear();
  if (error) return exit_code_after(*error);
  const redrive_facts facts{.dry_run = args.dry_run,
                            .seconds = std::chrono::duration<double>(clock::now() - begin).count()};
  print_report(session.tally(), facts, args.json);
  return session.tally().complete() ? exit_ok : exit_failed;
}

std::vector<std::string> all_reasons() {
  std::vector<std::string> names;
  for (const auto name : core::reason_names) names.emplace_back(name);
  return names;
}

void add_selection(CLI::App& to, redrive_args& args) {
  const auto add_time = [&to](const char* name, std::optional<std::int64_t>& into,
                              const char* help) {
    to.add_option_function<std::string>(
          name, [&into](const std::string& text) { into = audit_time_of(text); }, help)
        ->type_name("TIME")
        ->check(audit_time_fault)
        ->group("Selection");
  };
  auto* const reason = to.add_option("--reason", args.reasons, "Only errors of these reasons")
                           ->type_name("REASON,...")
                           ->delimiter(',')
                           ->check(one_of(all_reasons()))
                           ->allow_extra_args(false)
                           ->group("Selection");
  add_time("--since", args.since_s, "Inputs from this time on (seconds, or ISO 8601)");
  add_time("--until", args.until_s, "Inputs before this time");
  to.add_option_function<std::string>(
        "--offsets", [&args](const std::string& text) { args.offsets = audit_offsets_of(text); },
        "These offsets of the input only, both ends included")
      ->type_name("P:FROM-TO,...")
      ->check(audit_offsets_fault)
      ->group("Selection");
  to.add_flag("--missing", args.missing,
              "Inputs without any outcome, as an audit finds them, in place of errors")
      ->excludes(reason)
      ->group("Selection");
}

void add_options(CLI::App& to, redrive_args& args) {
  add_selection(to, args);
  to.add_option("--attempts-max", args.attempts_max,
                "Leave an input that so many redrives have failed")
      ->type_name("N")
      ->check(within(1, 1'000'000))
      ->capture_default_str();
  to.add_flag("--dry-run", args.dry_run, "Only say what would become of them");
  to.add_flag("--json", args.json, "One line of JSON");
}

}  // namespace

command_of<redrive_args> redrive_command() {
  return {.words = {.name = "redrive",
                    .about = "Put right what ended as an error, from the inputs",
                    .group = "Tools",
                    .configuration = config_use::worker,
                    .group_help = "The workers' group; positions are kept in GROUP-redrive",
                    .footer = help_end},
          .add_options = add_options,
          .run = run_redrive};
}

}  // namespace turnstile::app
