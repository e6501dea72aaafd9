#include "config/event_settings.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "config/rules/attributes.hpp"
#include "config/rules/rule_checks.hpp"
#include "core/quoting.hpp"
#include "event/methods/field_method.hpp"
#include "event/methods/load_keys.hpp"
#include "event/path.hpp"
#include "event/presets.hpp"

namespace turnstile::core {

namespace {

std::string canonical(const std::string& path) {
  return path.empty() ? path : event::path_text(event::parse_path(path).value);
}

field_method method_of(carry how) {
  if (how == carry::keep) return field_method::keep;
  return how == carry::hash ? field_method::pseudonym : field_method::drop;
}

/// What the rules begin with.
event_rules begun(const settings& values, const std::function<bool(std::string_view)>& is_given) {
  const auto& options = values.event;
  const bool none = options.preset == "none";
  event_rules out = none ? event::no_rules() : event::login_rules();
  out.unknown = options.unknown;
  out.tombstones = options.tombstones;
  out.framing = options.framing;
  if (!none || is_given("event.id")) out.id = canonical(options.id);
  if (!none || is_given("summary.count_by")) {
    out.count_by.clear();
    for (const auto& path : options.count_by) out.count_by.push_back(canonical(path));
  }
  out.key.method = method_of(values.privacy.record_keys);
  out.other_headers.method = method_of(values.privacy.headers);
  return out;
}

bool is_left_out(const std::string& path, const event_rules& rules) {
  const auto rule = std::ranges::find(rules.fields, path, &field_rule::path);
  return rule != rules.fields.end() && rule->method.method == field_method::drop;
}

void check_values(const event_rules& rules, std::vector<cross_fault>& out) {
  if (auto fault = single_value_fault(rules.id, rules); !rules.id.empty() && !fault.empty())
    out.push_back({{"event.id"}, std::move(fault)});
  for (auto path = rules.count_by.begin(); path != rules.count_by.end(); ++path) {
    auto fault = single_value_fault(*path, rules);
    if (is_left_out(*path, rules))
      fault = quoted_short(*path) + " is left out of outputs: there is nothing to count";
    if (std::find(rules.count_by.begin(), path, *path) != path)
      fault = quoted_short(*path) + " is given twice";
    if (!fault.empty()) out.push_back({{"summary.count_by"}, std::move(fault)});
  }
}

/// Methods that cannot work, be it for want of a key that no option names.
void check_methods(const event_rules& rules, const settings& values,
                   std::vector<cross_fault>& out) {
  const event::keys_there keys = event::keys_there_of(event::key_files_of(values));
  const auto check = [&](const std::string& name, const method_rule& rule) {
    if (auto fault = event::method_fault(rule, keys)) out.push_back({{name}, *std::move(fault)});
  };
  for (const auto& rule : rules.fields) check("fields." + key_text(rule.path), rule.method);
  for (const auto& header : rules.headers) check("headers." + key_text(header.name), header.method);
  check("key", rules.key);
}

}  // namespace

event_settings make_event_settings(const settings& values, const std::vector<rule_layer>& layers,
                                   const std::function<bool(std::string_view)>& is_given) {
  event_settings out{.read = read_rules(begun(values, is_given), layers), .faults = {}};
  auto& rules = out.read.rules;
  if (!is_given("summary.count_by"))
    std::erase_if(rules.count_by,
                  [&](const std::string& path) { return is_left_out(path, rules); });
  if (!out.read.faults.empty()) return out;
  check_values(rules, out.faults);
  check_methods(rules, values, out.faults);
  return out;
}

}  // namespace turnstile::core
