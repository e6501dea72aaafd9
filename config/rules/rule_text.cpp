#include "config/rules/rule_text.hpp"

#include <string_view>

#include "config/rules/attributes.hpp"
#include "config/rules/rule_reader.hpp"
#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

struct said {
  std::string_view name;
  std::string value;
};

std::vector<said> said_by(const field_rule& rule) {
  static const field_rule standard;
  std::vector<said> out;
  for (const auto& attribute : rule_attributes())
    if (auto value = attribute.shown(rule); value != attribute.shown(standard))
      out.push_back({attribute.shape.name, std::move(value)});
  return out;
}

std::string object_of(const field_rule& rule) {
  std::string out;
  for (const auto& [name, value] : said_by(rule)) append_item(out, quoted(name) + ":" + value, ",");
  return "{" + out + "}";
}

std::string conditions_json(const std::vector<filter_condition>& conditions) {
  std::string out;
  for (const auto& condition : conditions)
    append_item(out, quoted(condition.path) + ":" + values_text(condition), ",");
  return "{" + out + "}";
}

constexpr std::string_view unknown_names[] = {"keep", "drop", "error"};
constexpr std::string_view tombstone_names[] = {"error", "pass"};
constexpr std::string_view framing_names[] = {"none", "confluent"};

}  // namespace

std::string rule_toml(const field_rule& rule) {
  const auto all = said_by(rule);
  if (all.empty()) return quoted(name_of(rule.method.method));
  if (all.size() == 1 && all.front().name == "method") return all.front().value;
  std::string out;
  for (const auto& [name, value] : all) append_item(out, std::string(name) + " = " + value);
  return "{ " + out + " }";
}

std::string rule_toml(const method_rule& rule) { return rule_toml(field_rule{.method = rule}); }

std::string rule_json(const field_rule& rule) { return object_of(rule); }

std::string rule_json(const method_rule& rule) { return object_of(field_rule{.method = rule}); }

std::string values_text(const filter_condition& condition) {
  std::string out;
  for (const auto& value : condition.values)
    append_item(out,
                value.is_string ? quoted(value.text + (value.is_prefix ? "*" : "")) : value.text);
  return "[" + out + "]";
}

std::vector<rule_line> rule_lines(const event_rules& rules) {
  std::vector<rule_line> out;
  const auto add = [&out](const char* table, const std::string& key, std::string value) {
    out.push_back(
        {std::string(table) + "." + key_text(key), table, key_text(key), std::move(value)});
  };
  for (const auto& rule : rules.fields) add("fields", rule.path, rule_toml(rule));
  for (const auto& condition : rules.keep)
    add("filter.keep", condition.path, values_text(condition));
  for (const auto& condition : rules.drop)
    add("filter.drop", condition.path, values_text(condition));
  for (const auto& header : rules.headers) add("headers", header.name, rule_toml(header.method));
  if (rules.key.method != field_method::keep)
    out.push_back({"key", "", "key", rule_toml(rules.key)});
  return out;
}

std::string rules_json(const event_rules& rules) {
  std::string fields;
  for (const auto& rule : rules.fields)
    append_item(fields, "{\"path\":" + quoted(rule.path) + ",\"rule\":" + rule_json(rule) + "}",
                ",");
  std::string headers;
  for (const auto& header : rules.headers)
    append_item(headers, quoted(header.name) + ":" + rule_json(header.method), ",");
  std::string count_by;
  for (const auto& path : rules.count_by) append_item(count_by, quoted(path), ",");
  const auto name = [](const auto& names, auto value) {
    return quoted(names[static_cast<std::size_t>(value)]);
  };
  return "{\"preset\":" + quoted(rules.preset) + ",\"id\":" + quoted(rules.id) +
         ",\"unknown\":" + name(unknown_names, rules.unknown) +
         ",\"tombstones\":" + name(tombstone_names, rules.tombstones) +
         ",\"framing\":" + name(framing_names, rules.framing) + ",\"fields\":[" + fields +
         "],\"keep\":" + conditions_json(rules.keep) + ",\"drop\":" + conditions_json(rules.drop) +
         ",\"count_by\":[" + count_by + "],\"headers\":{" + headers +
         "},\"other_headers\":" + rule_json(rules.other_headers) +
         ",\"key\":" + rule_json(rules.key) + "}";
}

}  // namespace turnstile::core
