#include "config/config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <set>
#include <variant>

#include "config/config_checks.hpp"
#include "config/config_file.hpp"
#include "config/event_settings.hpp"
#include "config/kafka_property.hpp"
#include "config/near_names.hpp"
#include "config/option/replaced_options.hpp"
#include "config/options.hpp"
#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

constexpr std::string_view variable_prefix = "TURNSTILE_";
constexpr std::string_view kafka_prefix = "kafka.";
constexpr std::string_view consumer_prefix = "kafka.consumer.";
constexpr std::string_view producer_prefix = "kafka.producer.";

/// The librdkafka property that a dotted name stands for; empty: none.
std::string_view property_of(std::string_view name) {
  for (const auto prefix : {consumer_prefix, producer_prefix, kafka_prefix})
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return {};
}

kafka_properties& place_of(settings& values, std::string_view name) {
  if (name.starts_with(consumer_prefix)) return values.kafka.consumer;
  if (name.starts_with(producer_prefix)) return values.kafka.producer;
  return values.kafka.common;
}

/// All properties of librdkafka that may be passed through have a dot; a single word below
/// `kafka` is a misspelled option, unless it is refused by name.
bool is_property(std::string_view name) {
  const auto property = property_of(name);
  if (property.empty()) return false;
  return property.find('.') != std::string_view::npos || !property_fault(property, "").empty();
}

/// A secret itself, not the path of a file with one.
bool is_password(std::string_view property) {
  return is_secret_property(property) && !property.ends_with(".location") &&
         !property.ends_with(".url");
}

bool is_section(std::string_view name) {
  if (name == "kafka.consumer" || name == "kafka.producer") return true;
  return std::ranges::any_of(option_sections(),
                             [&](const option_section& s) { return s.name == name; });
}

/// What Kubernetes sets in every pod for a service whose name begins with "turnstile".
bool is_service_variable(std::string_view name) {
  return name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT") ||
         name.find("_SERVICE_PORT") != std::string_view::npos ||
         name.find("_TCP") != std::string_view::npos || name.find("_UDP") != std::string_view::npos;
}

/// The programs around the worker keep their own variables below these.
bool is_foreign_variable(std::string_view name) {
  return name.starts_with("TURNSTILE_TEST_") || name.starts_with("TURNSTILE_BENCH_");
}

/// `TURNSTILE_KAFKA_CONSUMER_SESSION_TIMEOUT_MS`: `kafka.consumer.session.timeout.ms`.
std::string property_name_of_variable(std::string_view name) {
  std::string out;
  for (const char c : name.substr(variable_prefix.size()))
    out += c == '_' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

class loader {
public:
  explicit loader(const config_sources& sources) : sources_(sources) {
    out_.values = default_settings();
  }

  config load() {
    for (const auto& file : sources_.files) load_file(file);
    load_environment();
    for (const auto& given : sources_.command_line) load_override(given);
    load_rules();
    for (const auto& fault : cross_check(out_.values)) report_cross(fault);
    out_.warnings = config_warnings(out_.values, sources_.rdkafka_version);
    std::ranges::move(warnings_, std::back_inserter(out_.warnings));
    // Names and paths are repeated as they were given.
    for (auto* lines : {&out_.faults, &out_.warnings})
      for (auto& line : *lines) line = printable(line);
    return std::move(out_);
  }

private:
  void fault(const std::string& origin, std::string_view name, const std::string& text) {
    out_.faults.push_back(origin + ": " + std::string(name) + ": " + text);
    faulty_.emplace(name);
  }

  void load_file(const std::string& path) {
    const auto file = read_config_file(path);
    if (!file.fault.empty()) out_.faults.push_back(file.fault);
    std::set<std::string_view> seen;
    for (const auto& entry : file.entries) {
      const std::string origin = printable(path) + ":" + std::to_string(entry.line);
      if (entry.rules) {
        layers_.push_back({printable(path), true, entry.name, *entry.rules});
      } else if (!seen.insert(entry.name).second) {
        fault(origin, entry.name, "is given twice");
      } else if (!entry.is_empty_table || !is_section(entry.name)) {
        set_entry(origin, entry);
      }
    }
  }

  void set_entry(const std::string& origin, const file_entry& entry) {
    const auto* text = std::get_if<std::string>(&entry.value);
    if (text != nullptr && is_left_out(origin, entry.name, *text)) return;
    if (const auto* option = find_option(entry.name)) {
      // A list of one is often written without brackets, and several with commas.
      if (text != nullptr && option->type == option_type::list && entry.unsupported.empty())
        return set_text(origin, *option, *text);
      if (entry.unsupported.empty()) return set_option(origin, *option, entry.value);
      return fault(origin, entry.name,
                   "expects " + expectation(*option) + ", not " + entry.unsupported);
    }
    if (!is_property(entry.name)) return unknown(origin, entry.name);
    if (!entry.unsupported.empty() || std::holds_alternative<std::vector<std::string>>(entry.value))
      return fault(origin, entry.name,
                   "expects a string, an integer or a boolean, not " +
                       (entry.unsupported.empty() ? "a list" : entry.unsupported));
    set_property(origin, entry.name, text != nullptr ? *text : to_toml(entry.value));
  }

  void load_environment() {
    auto variables = sources_.environment;
    std::ranges::sort(variables);
    for (const auto& [name, value] : variables)
      if (name.starts_with(variable_prefix)) load_variable(name, value);
  }

  void load_variable(const std::string& name, const std::string& value) {
    const std::string origin = "environment variable " + name;
    for (const auto& option : option_table())
      if (environment_name(option.name) == name) return set_text(origin, option, value);
    if (load_rule_variable(origin, name, value)) return;
    if (auto now = replaced_variable(name); !now.empty()) {
      out_.faults.push_back(origin + ": " + now);
      return;
    }
    if (is_foreign_variable(name) || is_service_variable(name)) return;
    const std::string property = property_name_of_variable(name);
    if (is_property(property)) return set_property(origin, property, value);
    out_.faults.push_back(origin + ": " + unknown_variable(name));
  }

  /// A table of rules as TOML: `TURNSTILE_FILTER_KEEP={ app_version = ["2.3.0"] }`.
  bool load_rule_variable(const std::string& origin, std::string_view name,
                          const std::string& value) {
    for (const auto* table : {"fields", "filter.keep", "filter.drop", "headers", "key"}) {
      if (environment_name(table) != name) continue;
      load_rule_text(origin, table, value);
      return true;
    }
    return false;
  }

  /// `fields.ip=mask-ip`, `fields.ip.keep_last=2`, `fields={ ip = "mask-ip" }`. False where the
  /// name is not of a table of rules.
  bool load_rule_text(const std::string& origin, std::string_view name, const std::string& text) {
    auto keys = split_keys(name);
    if (keys.empty() || !is_rule_table(keys.front())) return false;
    config_node node{.value = text, .is_untyped = true};
    if (const auto begin = text.find_first_not_of(" \t");
        begin != std::string::npos &&
        std::string_view{"{[\"'"}.find(text[begin]) != std::string_view::npos) {
      auto parsed = parse_config_node(text);
      if (!parsed.fault.empty()) {
        fault(origin, name, quoted_short(text) + " " + parsed.fault);
        return true;
      }
      node = std::move(parsed.node);
    }
    layers_.push_back({origin, false, keys.front(), nested(keys, std::move(node))});
    return true;
  }

  /// Over the preset that the options name.
  void load_rules() {
    const auto is_given = [this](std::string_view name) { return out_.origins.contains(name); };
    auto made = make_event_settings(out_.values, layers_, is_given);
    for (const auto& [origin, name, text] : made.read.faults)
      fault(origin.empty() ? "defaults" : origin, name, text);
    out_.origins.merge(made.read.origins);
    out_.values.event = std::move(made.read.rules);
    for (const auto& each : made.faults) report_cross(each);
  }

  void load_override(const override_text& given) {
    const std::string origin = "command line (" + given.origin + ")";
    if (is_left_out(origin, given.name, given.value)) return;
    if (given.name.empty()) {
      out_.faults.push_back(origin + ": " + quoted_short(given.value) +
                            " is not of the form table.key=value");
    } else if (const auto* option = find_option(given.name)) {
      set_text(origin, *option, given.value);
    } else if (load_rule_text(origin, given.name, given.value)) {
      return;
    } else if (is_property(given.name)) {
      set_property(origin, given.name, given.value);
      if (is_password(property_of(given.name))) warn_of_visible(given);
    } else {
      unknown(origin, given.name);
    }
  }

  /// Whether the value waits for somebody to replace `${NAME}` in it, which nobody does. In the
  /// environment, which shells and orchestrators write, every text is taken as it is.
  bool is_left_out(const std::string& origin, std::string_view name, std::string_view value) {
    const auto begin = value.find("${");
    if (begin == std::string_view::npos || value.find('}', begin) == std::string_view::npos)
      return false;
    fault(origin, name,
          "holds ${…}, which is not replaced here; set the variable " + environment_name(name));
    return true;
  }

  void warn_of_visible(const override_text& given) {
    warnings_.push_back(given.name + ": by " + given.origin +
                        " it stands in the list of processes, for every user of the machine; set "
                        "the variable " +
                        environment_name(given.name));
  }

  void set_text(const std::string& origin, const option& option, std::string_view text) {
    auto parsed = parse_value(option, text);
    if (!parsed.fault.empty()) return fault(origin, option.name, parsed.fault);
    set_option(origin, option, parsed.value);
  }

  void set_option(const std::string& origin, const option& option, const option_value& value) {
    if (auto wrong = value_fault(option, value); !wrong.empty())
      return fault(origin, option.name, wrong);
    option.set(out_.values, value);
    out_.origins[std::string(option.name)] = origin;
  }

  void set_property(const std::string& origin, const std::string& name, const std::string& value) {
    const std::string property(property_of(name));
    std::string wrong = property_fault(property, value);
    if (wrong.empty()) wrong = property_fault(name.substr(kafka_prefix.size()), value);
    if (wrong.empty()) wrong = version_fault(property, value, sources_.rdkafka_version);
    if (wrong.empty() && sources_.check_property) {
      wrong = printable(sources_.check_property(property, value));
      // librdkafka repeats the value in its message.
      if (!wrong.empty() && is_secret_property(property)) wrong = "librdkafka refuses the value";
    }
    if (!wrong.empty()) return fault(origin, name, wrong);
    place_of(out_.values, name)[property] = value;
    out_.origins[name] = origin;
  }

  void unknown(const std::string& origin, std::string_view name) {
    if (const auto now = replaced_option(name); !now.empty())
      return fault(origin, name, std::string(now));
    fault(origin, name, unknown_option(name));
  }

  /// Names the place where one of the two values was given; silent where a value of them was
  /// refused already and the default stands in for it.
  void report_cross(const cross_fault& cross) {
    const auto is_faulty = [&](const std::string& name) { return faulty_.contains(name); };
    if (std::ranges::any_of(cross.names, is_faulty)) return;
    for (const auto& name : cross.names) {
      const auto found = out_.origins.find(name);
      if (found == out_.origins.end()) continue;
      out_.faults.push_back(found->second + ": " + cross.names.front() + ": " + cross.text);
      return;
    }
    out_.faults.push_back("defaults: " + cross.names.front() + ": " + cross.text);
  }

  const config_sources& sources_;
  config out_;
  std::vector<std::string> warnings_;
  std::vector<rule_layer> layers_;
  std::set<std::string, std::less<>> faulty_;
};

}  // namespace

config load_config(const config_sources& sources) { return loader(sources).load(); }

override_text parse_override(std::string_view text) {
  // Behind a name of rules that is quoted: `fields."a=b"=drop`.
  char quote = 0;
  std::size_t equals = 0;
  for (; equals < text.size() && (quote != 0 || text[equals] != '='); ++equals)
    if (text[equals] == quote)
      quote = 0;
    else if (quote == 0 && (text[equals] == '"' || text[equals] == '\''))
      quote = text[equals];
  if (equals == text.size()) equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    // What follows the name may be a secret with a mistyped `=`.
    const auto end =
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return {"", std::string(text.substr(0, end)), "--set"};
  }
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)), "--set"};
}

}  // namespace turnstile::core
