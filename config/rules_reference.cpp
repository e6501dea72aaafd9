#include "config/rules_reference.hpp"

#include <string_view>

#include "config/options_reference.hpp"
#include "config/rules/attributes.hpp"
#include "config/rules/rule_text.hpp"
#include "event/presets.hpp"

namespace turnstile::core {

namespace {

constexpr std::string_view reference_head = R"(
## `[fields]`, `[filter]`, `[headers]`, `[key]`

The rules for an event, over those of `event.preset`: path by path, and within a path attribute by attribute. Another
method or type forgets the attributes of the one before. [docs/event-rules.md](docs/event-rules.md) explains paths,
types, times and methods; `turnstile explain` tries them on one event, and `turnstile check` shows those in force.

```toml
[fields]                               # path = rule; a string is short for { method = "…" }
"context.ip" = "truncate-ip"
"items[].email" = { method = "mask", keep_last = 4 }
"**.password" = "drop"

[filter]                               # what is not kept goes to topics.cleaned
keep = { app_version = ["2.3.*"] }     # each path must have one of its values; a star at the end makes a prefix
drop = { "event.type" = ["heartbeat"] }   # no path may have one of its values

[headers]                              # header = rule, with the attributes of methods only
x-user = "pseudonym"

[key]                                  # one rule, for the record's key
method = "drop"
```

An empty list takes a condition of the preset away, `keep = {}` all of them. On the command line:
`--set fields.ip=mask-ip`, `--set 'fields."context.ip".method=drop'`, `--set filter.keep.app_version=2.3.0,2.3.1`.
There a value that begins with a brace, a bracket or a quote is TOML, and a filter's `200` is the number and the string.
In the environment `TURNSTILE_FIELDS`, `TURNSTILE_FILTER_KEEP`, `TURNSTILE_FILTER_DROP`, `TURNSTILE_HEADERS` and
`TURNSTILE_KEY` hold a table as TOML.

Refused: more than 256 rules or 32 levels, two rules of one file for one path, a rule below a value that is left out or
replaced as a whole, an attribute that does not go with the rule's method or type, a method that needs a key without
one, an `event.id` or a counted path that may stand for many values.

| attribute | values | default | goes with | meaning |
|---|---|---|---|---|
)";

constexpr std::string_view example_fields = R"(
# What becomes of each field: path = rule, over the preset's. These are the rules of the preset
# login; CONFIGURATION.md lists the attributes, docs/event-rules.md explains them.
# [at most 256 rules, of paths of at most 32 levels]
)";

constexpr std::string_view example_filter = R"(
# Every path must have one of its values, else the event goes to topics.cleaned. "2.3.*" is a
# prefix; an empty list takes the preset's condition away.
)";

constexpr std::string_view example_rest = R"(
# No path may have one of its values.
[filter.drop]
# "event.type" = ["heartbeat"]

# What becomes of single headers; of the others see privacy.headers.
[headers]
# x-user = "pseudonym"

# What becomes of the record's key, over privacy.record_keys.
[key]
# method = "pseudonym"
)";

std::string escaped_bar(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string values_cell(const rule_attribute& attribute) {
  switch (attribute.kind) {
    case attribute_kind::scalar:
      return "a string, number or boolean";
    case attribute_kind::number:
      return "a number greater than 0";
    case attribute_kind::option:
      break;
  }
  if (attribute.shape.type == option_type::text) return "string";
  if (attribute.shape.type == option_type::list) return "list of strings";
  if (attribute.shape.type == option_type::boolean) return "boolean";
  return bounds_of(attribute.shape);
}

std::string goes_with_cell(const rule_attribute& attribute) {
  if (attribute.is_of_time) return "type `time`";
  std::string out;
  for (const auto method : attribute.methods)
    out.append(out.empty() ? "`" : ", `").append(name_of(method)).append("`");
  return out.empty() ? "all" : out;
}

std::string table_of(std::string_view name) {
  std::string out = "[" + std::string(name) + "]\n";
  for (const auto& line : rule_lines(event::login_rules()))
    if (line.table == name) out += line.key + " = " + line.value + "\n";
  return out;
}

}  // namespace

std::string rules_reference() {
  std::string out{reference_head};
  static const field_rule standard;
  for (const auto& attribute : rule_attributes()) {
    const auto value = attribute.shown(standard);
    const bool has_none = value.empty() || value == "null";
    out += "| `" + std::string(attribute.shape.name) + "` | " + values_cell(attribute) + " | " +
           (has_none ? "" : "`" + escaped_bar(value) + "`") + " | " + goes_with_cell(attribute) +
           " | " + escaped_bar(attribute.shape.help) + " |\n";
  }
  return out;
}

std::string rules_example() {
  std::string out{example_fields};
  out += table_of("fields");
  out += example_filter;
  out += table_of("filter.keep");
  return out + std::string(example_rest);
}

std::string rule_origin(const rule_line& line, const event_rules& rules,
                        const origin_map& origins) {
  auto found = origins.find(line.name);
  // The short form of the key's rule.
  if (found == origins.end() && line.name == "key") found = origins.find("privacy.record_keys");
  return found == origins.end() ? "preset " + rules.preset : found->second;
}

std::string rules_in_force(const event_rules& rules, const origin_map& origins) {
  std::string out;
  for (const auto& line : rule_lines(rules))
    out += line.name + " = " + line.value + "  # " + rule_origin(line, rules, origins) + "\n";
  return out;
}

}  // namespace turnstile::core
