#include <cstdio>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/commands.hpp"
#include "core/exit_codes.hpp"
#include "core/kafka_property.hpp"
#include "core/key_file.hpp"
#include "core/options.hpp"
#include "core/options_reference.hpp"
#include "core/pseudonymiser.hpp"
#include "core/quoting.hpp"
#include "kafka_io/connect_check.hpp"
#include "kafka_io/defaults_reference.hpp"

namespace turnstile::app {

namespace {

/// A value in force, ready to be shown: `value` is JSON and TOML at once.
struct shown_value {
  std::string name;
  std::string value;
  std::string origin;  ///< Empty: the default.
};

std::string origin_of(const core::config& config, const std::string& name) {
  const auto found = config.origins.find(name);
  return found == config.origins.end() ? std::string{} : found->second;
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
struct findings {
  bool asked = false;
  std::vector<std::string> problems;
};

void print_json(const core::config& config, const findings& brokers, const std::string& key) {
  std::string out = "{\"valid\":";
  out += config.faults.empty() ? "true" : "false";
  out += ",\"faults\":" + json_list(config.faults);
  out += ",\"warnings\":" + json_list(config.warnings);
  if (brokers.asked) out += ",\"brokers\":" + json_list(brokers.problems);
  if (!key.empty()) out += ",\"key_fingerprint\":" + core::quoted(key);
  if (config.faults.empty()) {
    std::string values;
    for (const auto& shown : effective(config))
      core::append_item(values, core::quoted(shown.name) + ":" + shown.value, ",");
    out += ",\"settings\":{" + values + "}";
  }
  std::printf("%s}\n", out.c_str());
}

void print_text(const core::config& config, const findings& brokers, const std::string& key) {
  if (!config.faults.empty()) {
    for (const auto& fault : config.faults) std::fprintf(stderr, "turnstile: %s\n", fault.c_str());
    return;
  }
  std::printf("configuration is valid\n");
  for (const auto& warning : config.warnings) std::printf("warning: %s\n", warning.c_str());
  if (!key.empty()) std::printf("key fingerprint: %s\n", key.c_str());
  if (brokers.asked && brokers.problems.empty()) std::printf("brokers and topics fit\n");
  for (const auto& problem : brokers.problems)
    std::fprintf(stderr, "turnstile: %s\n", core::printable(problem).c_str());
  std::printf("\n");
  for (const auto& shown : effective(config)) {
    std::printf("%s = %s", shown.name.c_str(), shown.value.c_str());
    if (!shown.origin.empty()) std::printf("  # %s", shown.origin.c_str());
    std::printf("\n");
  }
}

/// What the start line would show, and what speaks against the key; empty where the key cannot be
/// read, which is a fault.
std::string key_fingerprint(core::config& config) {
  const auto& file = config.values.privacy.hmac_key_file;
  if (file.empty()) return core::pseudonymiser{}.key_fingerprint();
  const auto loaded = core::load_key_file(file);
  if (const auto* key = std::get_if<core::secret_key>(&loaded)) {
    if (auto warning = core::key_warning(*key); !warning.empty())
      config.warnings.push_back(std::move(warning));
    return core::pseudonymiser{*key}.key_fingerprint();
  }
  config.faults.push_back("privacy.hmac_key_file: " + std::get<std::string>(loaded));
  return {};
}

/// What `run` would refuse beyond the options themselves and the key, as faults.
void add_start_faults(core::config& config) {
  for (const auto& fault : kafka_io::client_faults(config.values))
    config.faults.push_back(core::printable(fault));
}

}  // namespace

int check_command(const check_args& args, core::config config) {
  if (args.print_reference || args.print_example) {
    const auto page = args.print_reference ? core::reference_page() + kafka_io::defaults_reference()
                                           : core::example_file();
    std::fputs(page.c_str(), stdout);
    return exit_ok;
  }
  std::string key;
  if (config.faults.empty()) {
    key = key_fingerprint(config);
    add_start_faults(config);
  }
  findings brokers{.asked = args.connect && config.faults.empty()};
  if (brokers.asked) brokers.problems = check_brokers(config.values);
  if (args.json) {
    print_json(config, brokers, key);
  } else {
    print_text(config, brokers, key);
  }
  if (!config.faults.empty()) return exit_configuration;
  return brokers.problems.empty() ? exit_ok : exit_unavailable;
}

}  // namespace turnstile::app
