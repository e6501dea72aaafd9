#include "app/worker/start_line.hpp"

#include <algorithm>
#include <array>

#include <caf/config.hpp>
#include <sodium.h>

#include "app/build_info.hpp"
#include "config/kafka_property.hpp"
#include "config/options.hpp"
#include "config/rules/rule_text.hpp"
#include "core/log.hpp"
#include "core/quoting.hpp"
#include "event/presets.hpp"
#include "figures/families.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::app {

namespace {

/// A line that is longer is cut by some readers of logs.
constexpr std::size_t options_bytes_max = 4096;

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) core::append_item(text, item, ",");
  return text;
}

std::optional<std::string> unless_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional{std::move(text)};
}

void append_properties(std::string& text, const char* prefix,
                       const core::kafka_properties& properties) {
  for (const auto& [name, value] : properties)
    core::append_item(text, prefix + name + "=" + core::shown_property(name, value), " ");
}

std::string caf_version() {
  return std::to_string(CAF_MAJOR_VERSION) + "." + std::to_string(CAF_MINOR_VERSION) + "." +
         std::to_string(CAF_PATCH_VERSION);
}

}  // namespace

std::vector<core::rule_line> rules_beside_preset(const core::event_rules& rules) {
  const auto preset =
      core::rule_lines(rules.preset == "login" ? event::login_rules() : event::no_rules());
  auto lines = core::rule_lines(rules);
  std::erase_if(lines, [&](const core::rule_line& line) {
    return std::ranges::any_of(preset, [&](const core::rule_line& known) {
      return known.name == line.name && known.value == line.value;
    });
  });
  return lines;
}

std::string differing_options(const core::settings& settings) {
  std::string text;
  for (const auto& option : core::option_table())
    if (const auto value = option.get(settings); value != option.standard)
      core::append_item(text, std::string(option.name) + "=" + core::to_toml(value), " ");
  for (const auto& line : rules_beside_preset(settings.event))
    core::append_item(text, line.name + "=" + line.value, " ");
  append_properties(text, "kafka.", settings.kafka.common);
  append_properties(text, "kafka.consumer.", settings.kafka.consumer);
  append_properties(text, "kafka.producer.", settings.kafka.producer);
  if (text.size() > options_bytes_max) text = text.substr(0, options_bytes_max) + "…";
  return text;
}

void log_start(const core::settings& settings, const start_facts& facts) {
  const auto& topics = settings.topics;
  core::log_info(
      "worker starts",
      {{"worker", facts.worker_id},
       {"version", TURNSTILE_VERSION},
       {"commit", TURNSTILE_COMMIT},
       {"librdkafka", kafka_io::library_version_text()},
       {"brokers", joined(settings.kafka.brokers)},
       {"group", settings.kafka.group},
       {"input", topics.input},
       {"outputs", joined({topics.processed, topics.errors, topics.cleaned, topics.summary})},
       {"guarantee", core::exactly_once(settings) ? "exactly-once" : "at-least-once"},
       {"key", facts.key_fingerprint},
       {"key_id", unless_empty(facts.key_id)},
       {"transformers", facts.transformers},
       {"producers", facts.producers},
       {"config", unless_empty(facts.config_file)},
       {"options", unless_empty(differing_options(settings))}});
}

std::vector<figures::fact> figures_facts(const core::settings& settings) {
  const std::string options = differing_options(settings);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(options.data()), options.size(),
                     nullptr, 0);
  std::array<char, 2 * crypto_generichash_BYTES_MIN + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return {{&figures::families::build_info,
           {{"version", TURNSTILE_VERSION},
            {"commit", TURNSTILE_COMMIT},
            {"librdkafka", kafka_io::library_version_text()},
            {"caf", caf_version()}}},
          {&figures::families::config_hash, {{"hash", hex.data()}}}};
}

std::vector<figures::fact> key_facts(const std::string& key_id) {
  if (key_id.empty()) return {};
  return {{&figures::families::key_info, {{"id", key_id}}}};
}

}  // namespace turnstile::app
