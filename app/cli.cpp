#include "app/cli.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "app/audit_options.hpp"
#include "app/help_text.hpp"
#include "app/logging/logging.hpp"
#include "app/stop_signals.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/usage_error.hpp"
#include "app/watch_options.hpp"
#include "config/options.hpp"
#include "core/exit_codes.hpp"
#include "core/log.hpp"
#include "core/quoting.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::app {

namespace {

/// What the parser writes into; becomes an `invocation` of the command that was named.
struct draft {
  std::string config_file;
  std::vector<std::string> sets;
  std::string brokers;
  std::string group;
  run_args run;
  generate_args generate;
  watch_args watch;
  std::string from = "end";
  check_args check;
  demo_args demo;
  audit::audit_args audit;
  audit_texts audit_given;
  version_args version;
};

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

/// The conversion itself refuses what is no number.
std::string not_negative(const std::string& text) {
  return text.starts_with('-') || text == "nan" || text == "inf"
             ? "expects a number from 0, not " + core::quoted_short(text)
             : "";
}

// CLI11 would print what these check beside the type: the help says it.
CLI::Validator within(std::int64_t least, std::int64_t most) {
  return CLI::Validator{CLI::Range(least, most)}.description("");
}
CLI::Validator one_of(std::vector<std::string> names) {
  return CLI::Validator{CLI::IsMember(std::move(names))}.description("");
}

CLI::App* add_command(CLI::App& app, const char* name, const char* about, const char* group) {
  auto* command = app.add_subcommand(name, about);
  command->group(group);
  return command;
}

void add_set(CLI::App* command, draft& to) {
  command->add_option("--set", to.sets, "One option, over file and environment; repeatable")
      ->type_name("TABLE.KEY=VALUE")
      ->allow_extra_args(false)
      ->group("Configuration");
}

void add_config(CLI::App* command, draft& to) {
  command->add_option("-c,--config", to.config_file, "Configuration file (TOML)")
      ->type_name("FILE")
      ->group("Configuration");
  command
      ->add_option("-b,--brokers,--bootstrap-server", to.brokers,
                   "Short for --set kafka.brokers=...")
      ->type_name("HOST:PORT,...")
      ->group("Configuration");
}

const char* const group_help = "Short for --set kafka.group=...";

void add_worker_config(CLI::App* command, draft& to, const std::string& help) {
  add_config(command, to);
  command->add_option("--group", to.group, help)->type_name("NAME")->group("Configuration");
  add_set(command, to);
}

void add_run(CLI::App& app, draft& to) {
  auto* run = add_command(app, "run", "Run the worker until SIGTERM or SIGINT", "Worker");
  add_worker_config(run, to, group_help);
  run->footer(run_footer() + "\n\n" + option_list());
}

void add_check(CLI::App& app, draft& to) {
  auto* check =
      add_command(app, "check", "Check the configuration and show what is in force", "Worker");
  add_worker_config(check, to, group_help);
  check->add_flag("--connect", to.check.connect,
                  "Also ask the brokers whether they answer and the topics fit");
  check->add_flag("--all,--print", to.check.all,
                  "Every value in force and where it was given, not only those that differ");
  check->add_flag("--json", to.check.json, "One JSON object instead of text, with every value");
  check->add_flag("--print-reference", to.check.print_reference,
                  "Only print the reference page of all options (Markdown)");
  check->add_flag("--print-example", to.check.print_example,
                  "Only print an example file with all options and defaults (TOML)");
  check->footer(check_footer());
}

void add_generate(CLI::App& app, draft& to) {
  auto* generate =
      add_command(app, "generate", "Send login events to try the worker with", "Tools");
  add_config(generate, to);
  add_set(generate, to);
  auto& args = to.generate;
  generate->add_option("--count", args.count, "How many events")
      ->type_name("N")
      ->check(whole_number_from_1)
      ->capture_default_str();
  generate->add_option("--rate", args.rate, "Events per second; 0 is as fast as possible")
      ->type_name("R")
      ->check(not_negative)
      ->capture_default_str();
  generate->add_option("--seed", args.seed, "Sends the same events each time")
      ->type_name("S")
      ->check(whole_number);
  generate->add_option("--mix", args.mix, "Shares of the kinds of events")
      ->type_name("KIND=SHARE,...");
  generate->add_option("--event-bytes", args.event_bytes, "Pads events to about so many bytes")
      ->type_name("N")
      ->check(within(0, 1'000'000))
      ->capture_default_str();
  generate->add_option("--topic", args.topic, "Topic to send to instead of topics.input")
      ->type_name("TOPIC");
  generate->footer(generate_footer());
}

void add_watch(CLI::App& app, draft& to) {
  auto* watch = add_command(app, "watch", "Print what arrives on topics", "Tools");
  add_config(watch, to);
  add_set(watch, to);
  watch->add_option("topic", to.watch.topics, "Topics to read")->type_name("TOPIC")->required();
  watch
      ->add_option("--from", to.from,
                   "Where to start: beginning, end, an offset, -N (the last N offsets of each "
                   "partition; the end of a transaction is one), a time in ISO 8601, or a duration "
                   "such as 10m")
      ->type_name("PLACE")
      ->check(CLI::Validator(watch_start_fault, ""))
      ->capture_default_str();
  watch->add_flag("--until-end", to.watch.scope.until_end,
                  "Read to the end as it is now, and stop");
  watch->add_option("--partition", to.watch.scope.partitions, "Only these; repeatable")
      ->type_name("P,...")
      ->delimiter(',')
      ->check(within(0, 1'000'000))
      ->allow_extra_args(false);
  watch->add_option("--count", to.watch.count, "Stop after so many records")
      ->type_name("N")
      ->check(whole_number_from_1);
  watch->add_flag("--json", to.watch.json, "JSON lines, as when the output is piped");
  watch->footer(watch_footer());
}

void add_demo(CLI::App& app, draft& to) {
  auto* demo = add_command(app, "demo",
                           "Show it all without a Kafka: an embedded broker, events, "
                           "the worker",
                           "Tools");
  demo->add_option("--count", to.demo.count, "How many events")
      ->type_name("N")
      ->check(whole_number_from_1)
      ->capture_default_str();
  demo->add_flag("--keep", to.demo.keep, "Leave broker and worker running until interrupted");
  demo->add_flag("--details", to.demo.details, "Also show the actors' figures");
  add_set(demo, to);
  demo->footer(demo_footer());
}

void add_audit_range(CLI::App* audit, draft& to) {
  auto& texts = to.audit_given;
  audit->add_option("--since", texts.since, "Audit inputs from this time on (seconds, or ISO 8601)")
      ->type_name("TIME")
      ->check([](const std::string& text) { return audit_time_fault(text); })
      ->group("Range");
  audit->add_option("--offsets", texts.offsets, "Audit these offsets only, both ends included")
      ->type_name("P:FROM-TO,...")
      ->check([](const std::string& text) { return audit_offsets_fault(text); })
      ->excludes("--since")
      ->group("Range");
  audit->add_option("--isolation", texts.isolation, "read_committed or read_uncommitted")
      ->type_name("LEVEL")
      ->check(one_of({"read_committed", "read_uncommitted"}))
      ->capture_default_str()
      ->group("Range");
}

void add_audit(CLI::App& app, draft& to) {
  auto* audit =
      add_command(app, "audit", "Prove from the topics what became of every input", "Tools");
  add_worker_config(audit, to,
                    "Also compare with what this group has committed; kafka.group alone does not");
  add_audit_range(audit, to);
  auto& args = to.audit;
  audit->add_flag("--json", args.json, "One JSON object instead of text");
  audit->add_flag("--stopped", args.stopped,
                  "All workers have stopped cleanly: all must be committed and covered; not with "
                  "--follow");
  audit->add_flag("--values", args.values, "Also look for raw addresses and device ids; slower");
  audit->add_flag("--follow", args.follow, "Go on, with a verdict each interval")
      ->excludes("--values")
      ->excludes("--stopped")
      ->excludes("--offsets");
  audit->add_option("--interval", args.interval_s, "Seconds between verdicts")
      ->type_name("S")
      ->check(within(1, 86'400))
      ->needs("--follow")
      ->capture_default_str();
  audit
      ->add_option("--lag-max", args.lag_max_s,
                   "Seconds that an input may wait before it counts as missing")
      ->type_name("S")
      ->check(within(1, 86'400))
      ->needs("--follow")
      ->capture_default_str();
  audit->add_option("--state", args.state_file, "Where to go on after a restart, and save to")
      ->type_name("FILE")
      ->needs("--follow");
  audit->footer(audit_footer());
}

void add_version(CLI::App& app, draft& to) {
  auto* version = add_command(app, "version", "Versions of the program and its libraries", "Tools");
  version->add_flag("--json", to.version.json, "One JSON object instead of text");
  version->footer(version_footer());
}

command chosen(const std::string& name, draft& from) {
  if (const auto start = watch_start_of(from.from, std::chrono::system_clock::now())) {
    from.watch.scope.from = start->from;
    from.watch.scope.value = start->value;
    from.watch.scope.by_time = true;
  }
  if (name == "run") return from.run;
  if (name == "generate") return from.generate;
  if (name == "watch") return from.watch;
  if (name == "check") return from.check;
  if (name == "demo") return from.demo;
  if (name == "audit") return audit_args_of(from.audit_given, from.audit);
  return from.version;
}

invocation make_invocation(CLI::App& app, draft& from) {
  const auto* command = app.get_subcommands().front();
  invocation out{.what = chosen(command->get_name(), from), .config_file = from.config_file};
  if (auto* run = std::get_if<run_args>(&out.what)) run->config_file = from.config_file;
  for (const auto& text : from.sets) out.overrides.push_back(core::parse_override(text));
  const auto given = [&](const char* name) {
    const auto* option = command->get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  // After --set, so that the shorter form holds where both are given.
  if (given("--brokers")) out.overrides.push_back({"kafka.brokers", from.brokers, "--brokers"});
  if (given("--group")) {
    out.overrides.push_back({"kafka.group", from.group, "--group"});
    if (auto* audit = std::get_if<audit::audit_args>(&out.what)) audit->with_group = true;
  }
  return out;
}

void print_lines(const char* kind, const std::vector<std::string>& lines) {
  for (const auto& line : lines) std::fprintf(stderr, "turnstile: %s%s\n", kind, line.c_str());
}

int run_worker(const run_args& args, const core::config& config) {
  // Before the log's threads exist: they must not be the ones that a signal ends.
  block_stop_signals();
  // A closed pipe behind standard error must not end the worker.
  std::signal(SIGPIPE, SIG_IGN);
  const logging installed(config.values);
  for (const auto& warning : config.warnings)
    core::log_warning("configuration", {{"detail", warning}});
  return run_command(args, config.values);
}

int dispatch(const command& what, const core::config& config) {
  if (const auto* args = std::get_if<check_args>(&what)) return check_command(*args, config);
  if (!config.faults.empty()) {
    print_lines("", config.faults);
    return exit_configuration;
  }
  if (const auto* args = std::get_if<run_args>(&what)) return run_worker(*args, config);
  if (const auto* args = std::get_if<generate_args>(&what))
    return generate_command(*args, config.values);
  if (const auto* args = std::get_if<watch_args>(&what)) return watch_command(*args, config.values);
  if (const auto* args = std::get_if<audit::audit_args>(&what))
    return audit_command(*args, config.values);
  return demo_command(std::get<demo_args>(what), config.values);
}

int run_parsed(const parsed_command_line& parsed, const environment& variables) {
  std::fputs(parsed.output.c_str(), stdout);
  std::fputs(parsed.error.c_str(), stderr);
  if (!parsed.invocation) return parsed.exit_code;
  if (const auto* args = std::get_if<version_args>(&parsed.invocation->what))
    return version_command(*args);
  const core::config_sources sources{.file = parsed.invocation->config_file,
                                     .environment = variables,
                                     .command_line = parsed.invocation->overrides,
                                     .check_property = kafka_io::library_fault,
                                     .rdkafka_version = kafka_io::library_version()};
  return dispatch(parsed.invocation->what, core::load_config(sources));
}

}  // namespace

parsed_command_line parse_command_line(std::vector<std::string> arguments) {
  draft to;
  CLI::App app(program_about(), "turnstile");
  app.require_subcommand(1);
  app.formatter(help_formatter());
  app.footer(program_footer());
  app.set_version_flag("-V,--version", std::string("turnstile ") + TURNSTILE_VERSION);
  add_run(app, to);
  add_check(app, to);
  add_generate(app, to);
  add_watch(app, to);
  add_demo(app, to);
  add_audit(app, to);
  add_version(app, to);
  parsed_command_line out;
  arguments = help_as_option(std::move(arguments), app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    out.invocation = make_invocation(app, to);
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

int run_command_line(std::vector<std::string> arguments, const environment& variables) {
  return exit_code_after_output(run_parsed(parse_command_line(std::move(arguments)), variables));
}

}  // namespace turnstile::app
