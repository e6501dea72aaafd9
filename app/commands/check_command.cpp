#include "app/commands/check_command.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/reload/port_check.hpp"
#include "app/terminal/terminal.hpp"
#include "app/worker/start_check.hpp"
#include "config/kafka_property.hpp"
#include "config/options.hpp"
#include "config/options_reference.hpp"
#include "config/rules/rule_text.hpp"
#include "config/rules_reference.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "figures/catalogue_page.hpp"
#include "kafka_io/ask/connect_check.hpp"
#include "kafka_io/client/defaults_reference.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Examples:\n"
    "  turnstile check -c turnstile.toml            faults, or what differs from the "
    "defaults\n"
    "  turnstile check -c turnstile.toml --connect  and whether brokers and topics fit\n"
    "  turnstile check --print-example > turnstile.toml\n"
    "\n"
    "Exit codes: 0 valid, 69 brokers do not answer or topics do not fit, 78 bad "
    "configuration.\n"
    "Values that may be secret are hidden.";

/// A value in force, ready to be shown: `value` is JSON and TOML at once.
struct shown_value {
  std::string name;
  std::string value;
  std::string origin;

  [[nodiscard]] bool is_default() const { return origin == "default"; }
};

std::string origin_of(const core::config& config, const std::string& name) {
  const auto found = config.origins.find(name);
  return found == config.origins.end() ? "default" : found->second;
}

void add_properties(const core::config& config, const char* prefix,
                    const core::kafka_properties& properties, std::vector<shown_value>& out) {
  for (const auto& [property, value] : properties) {
    const std::string name = prefix + property;
    const bool hidden = core::is_secret_property(property);
    out.push_back({name, core::quoted(hidden ? "(hidden)" : value), origin_of(config, name)});
  }
}

std::vector<shown_value> effective(const core::config& config) {
  std::vector<shown_value> out;
  for (const auto& option : core::option_table()) {
    const std::string name(option.name);
    out.push_back({name, core::to_toml(option.get(config.values)), origin_of(config, name)});
  }
  const auto& kafka = config.values.kafka;
  add_properties(config, "kafka.", kafka.common, out);
  add_properties(config, "kafka.consumer.", kafka.consumer, out);
  add_properties(config, "kafka.producer.", kafka.producer, out);
  return out;
}

std::string json_list(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) core::append_item(out, core::quoted(line), ",");
  return "[" + out + "]";
}

/// What `--connect` found; nothing where it was not asked for.
using findings = std::optional<kafka_io::broker_report>;

void print_json(const core::config& config, const findings& brokers, const std::string& key) {
  std::string out = "{\"valid\":";
  out += config.faults.empty() ? "true" : "false";
  out += ",\"faults\":" + json_list(config.faults);
  out += ",\"warnings\":" + json_list(config.warnings);
  if (brokers) {
    out += ",\"brokers\":" + json_list(brokers->problems);
    out += ",\"broker_warnings\":" + json_list(brokers->warnings);
    out += ",\"broker_hints\":" + json_list(brokers->hints);
    out += ",\"unchecked\":" + json_list(brokers->unchecked);
  }
  if (!key.empty()) out += ",\"key_fingerprint\":" + core::quoted(key);
  if (config.faults.empty()) {
    std::string values;
    std::string origins;
    for (const auto& shown : effective(config)) {
      core::append_item(values, core::quoted(shown.name) + ":" + shown.value, ",");
      core::append_item(origins, core::quoted(shown.name) + ":" + core::quoted(shown.origin), ",");
    }
    for (const auto& line : core::rule_lines(config.values.event)) {
      const auto origin = core::rule_origin(line, config.values.event, config.origins);
      core::append_item(origins, core::quoted(line.name) + ":" + core::quoted(origin), ",");
    }
    out += ",\"rules\":" + core::rules_json(config.values.event);
    out += ",\"settings\":{" + values + "},\"origins\":{" + origins + "}";
  }
  std::printf("%s}\n", out.c_str());
}

void print_lines(const char* kind, const std::vector<std::string>& lines) {
  for (const auto& line : lines) std::printf("%s: %s\n", kind, core::printable(line).c_str());
}

void print_values(const core::config& config, bool all) {
  std::size_t shown_count = 0;
  for (const auto& shown : effective(config)) {
    if (!all && shown.is_default()) continue;
    ++shown_count;
    std::printf("%s = %s  # %s\n", shown.name.c_str(), shown.value.c_str(), shown.origin.c_str());
  }
  if (shown_count == 0)
    std::printf("# every option has its default%s; --all shows them\n",
                config.origins.empty() ? "" : ", only rules were given");
  std::printf("\n# the rules in force, from the preset %s\n%s\n",
              config.values.event.preset.c_str(),
              core::rules_in_force(config.values.event, config.origins).c_str());
}

/// The verdict stands last, where a terminal shows it.
void print_text(const core::config& config, const findings& brokers, const std::string& key,
                bool all) {
  if (!config.faults.empty()) {
    for (const auto& fault : config.faults) std::fprintf(stderr, "turnstile: %s\n", fault.c_str());
    return;
  }
  print_values(config, all);
  if (!key.empty()) std::printf("key fingerprint: %s\n", key.c_str());
  print_lines("warning", config.warnings);
  if (brokers) {
    print_lines("hint", brokers->hints);
    print_lines("not checked", brokers->unchecked);
    print_lines("warning", brokers->warnings);
  }
  std::printf("configuration is valid\n");
  if (!brokers) return;
  if (brokers->problems.empty()) std::printf("brokers and topics fit\n");
  // Before what goes to standard error.
  std::fflush(stdout);
  for (const auto& problem : brokers->problems) complain(problem);
}

/// What a worker would refuse at its start, as faults; its key's fingerprint.
std::string take_start_check(core::config& config) {
  const auto start = check_start(config.values);
  for (const auto& fault : start.faults) config.faults.push_back(fault.line());
  for (const auto& warning : start.warnings) config.warnings.push_back(warning);
  if (const auto fault = port_fault_of_reload(config.values.http.listen); !fault.empty())
    config.faults.push_back("http.listen: " + fault);
  return start.keys ? start.keys->keys.pseudonyms->key_fingerprint() : "";
}

int run_check(const check_args& args, core::config config, const broker_question& ask) {
  if (args.print_metrics) {
    std::fputs(figures::catalogue_page().c_str(), stdout);
    return exit_ok;
  }
  if (args.print_reference || args.print_example) {
    const auto page = args.print_reference ? core::reference_page() + kafka_io::defaults_reference()
                                           : core::example_file();
    std::fputs(page.c_str(), stdout);
    return exit_ok;
  }
  std::string key;
  if (config.faults.empty()) key = take_start_check(config);
  findings brokers;
  if (args.connect && config.faults.empty()) brokers = ask(config.values);
  if (args.json) {
    print_json(config, brokers, key);
  } else {
    print_text(config, brokers, key, args.all);
  }
  if (!config.faults.empty()) return exit_configuration;
  return !brokers || brokers->problems.empty() ? exit_ok : exit_unavailable;
}

void add_options(CLI::App& to, check_args& args) {
  to.add_flag("--connect", args.connect,
              "Also ask the brokers whether they answer and the topics fit");
  to.add_flag("--all,--print", args.all,
              "Every value in force and where it was given, not only those that differ");
  to.add_flag("--json", args.json, "One JSON object instead of text, with every value");
  to.add_flag("--print-reference", args.print_reference,
              "Only print the reference page of all options (Markdown)");
  to.add_flag("--print-metrics", args.print_metrics,
              "Only print the page of all metrics (Markdown)");
  to.add_flag("--print-example", args.print_example,
              "Only print an example file with all options and defaults (TOML)");
}

}  // namespace

kafka_io::broker_report ask_brokers(const core::settings& settings) {
  progress_line progress{stderr};
  return kafka_io::check_connection(settings, [&progress](std::string_view what) {
    progress.draw("asking the brokers for " + std::string{what} + " …");
  });
}

command_of<check_args> check_command(broker_question ask) {
  return {.words = {.name = "check",
                    .about = "Check the configuration and show what is in force",
                    .group = "Worker",
                    .configuration = config_use::worker,
                    .takes_faults = true,
                    .footer = help_end},
          .add_options = add_options,
          .run = [ask = std::move(ask)](const check_args& args, const command_input& input) {
            return run_check(args, input.config, ask);
          }};
}

}  // namespace turnstile::app
