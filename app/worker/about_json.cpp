#include "app/worker/about_json.hpp"

#include <algorithm>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "config/kafka_property.hpp"
#include "config/options.hpp"
#include "config/rules/rule_text.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

/// Rules may be many and long.
constexpr std::size_t entries_max = 500;
constexpr std::size_t value_bytes_max = 500;

class about_writer {
public:
  void name(std::string_view key) {
    to_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  }
  void value(std::string_view text) {
    to_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void text(std::string_view key, const std::string& of) {
    name(key);
    value(core::printable(of));
  }
  void number(std::string_view key, std::size_t of) {
    name(key);
    to_.Uint64(of);
  }
  void entry(const std::string& option, const std::string& of, bool changed) {
    if (entries_ == entries_max) return;
    ++entries_;
    to_.StartObject();
    text("name", option);
    text("value", of.size() > value_bytes_max ? of.substr(0, value_bytes_max) + "…" : of);
    name("changed");
    to_.Bool(changed);
    to_.EndObject();
  }
  void properties(const std::string& prefix, const core::kafka_properties& of) {
    for (const auto& [key, set] : of) entry(prefix + key, core::shown_property(key, set), true);
  }

  rapidjson::Writer<rapidjson::StringBuffer>& json() { return to_; }
  [[nodiscard]] std::string made() const { return {buffer_.GetString(), buffer_.GetSize()}; }

private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> to_{buffer_};
  std::size_t entries_ = 0;
};

void write_config(about_writer& to, const core::settings& settings) {
  to.name("config");
  to.json().StartArray();
  for (const auto& option : core::option_table()) {
    const auto value = option.get(settings);
    to.entry(std::string{option.name}, core::to_toml(value), value != option.standard);
  }
  to.properties("kafka.", settings.kafka.common);
  to.properties("kafka.consumer.", settings.kafka.consumer);
  to.properties("kafka.producer.", settings.kafka.producer);
  const auto own = rules_beside_preset(settings.event);
  for (const auto& rule : core::rule_lines(settings.event))
    to.entry(rule.name, rule.value,
             std::ranges::find(own, rule.name, &core::rule_line::name) != own.end());
  to.json().EndArray();
}

}  // namespace

std::string about_json(const core::settings& settings, const start_facts& facts) {
  about_writer to;
  to.json().StartObject();
  to.text("worker", facts.worker_id);
  to.text("group", settings.kafka.group);
  std::string brokers;
  for (const auto& broker : settings.kafka.brokers) core::append_item(brokers, broker, ", ");
  to.text("brokers", brokers);
  to.text("input", settings.topics.input);
  to.text("processed", settings.topics.processed);
  to.text("cleaned", settings.topics.cleaned);
  to.text("errors", settings.topics.errors);
  to.text("summary", settings.topics.summary);
  to.text("guarantee", core::exactly_once(settings) ? "exactly-once" : "at-least-once");
  to.text("key", facts.key_fingerprint);
  to.text("config_file", facts.config_file);
  to.number("transformers", facts.transformers);
  to.number("producers", facts.producers);
  write_config(to, settings);
  to.json().EndObject();
  return to.made();
}

}  // namespace turnstile::app
