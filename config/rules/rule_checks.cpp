#include "config/rules/rule_checks.hpp"

#include <algorithm>
#include <utility>

#include "core/quoting.hpp"
#include "event/path.hpp"

namespace turnstile::core {

namespace {

struct placed_rule {
  event::path path;
  const field_rule* rule = nullptr;
};

std::vector<placed_rule> placed(const auto& rules, const auto& rule_of) {
  std::vector<placed_rule> out;
  for (const auto& each : rules) {
    const field_rule& rule = rule_of(each);
    out.push_back({event::parse_path(rule.path).value, &rule});
  }
  return out;
}

/// Whether a value that the rule is about may have members that other rules are about.
bool may_hold(const field_rule& rule) {
  if (!leaves_members(rule.method)) return false;
  return rule.type == field_type::any || rule.type == field_type::object ||
         rule.type == field_type::array;
}

/// The rule that holds for exactly this path; null: none.
const field_rule* rule_at(const std::vector<placed_rule>& rules, const event::path& path) {
  const field_rule* any = nullptr;
  for (const auto& [where, rule] : rules) {
    if (where == path) return rule;
    const auto& last = path.steps.back();
    if (event::is_at_any_depth(where) && last.kind == event::path_step_kind::member &&
        last.name == where.steps.front().name)
      any = rule;
  }
  return any;
}

/// The nearest rule above that leaves nothing for a rule at `path`; null: it can apply.
const field_rule* hidden_by(const std::vector<placed_rule>& rules, const event::path& path) {
  event::path above;
  for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
    above.steps.push_back(path.steps[i]);
    const auto* rule = rule_at(rules, above);
    if (rule != nullptr && !may_hold(*rule)) return rule;
  }
  return nullptr;
}

std::string hidden_fault(const field_rule& by) {
  const std::string above = "lies below " + printable(by.path) + ", ";
  if (leaves_members(by.method))
    return above + "which is of the type " + std::string(name_of(by.type));
  return above + "which " + std::string(name_of(by.method.method)) +
         (by.method.method == field_method::drop ? " leaves out" : " replaces as a whole");
}

}  // namespace

void check_together(const std::vector<rule_draft>& fields, std::vector<rule_fault>& faults) {
  const auto rules =
      placed(fields, [](const rule_draft& d) -> const field_rule& { return d.rule; });
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (const auto* by = hidden_by(rules, rules[i].path))
      faults.push_back({fields[i].origin, fields[i].name, "can never apply: " + hidden_fault(*by)});
  check_count(fields, "fields", faults);
}

void check_count(const std::vector<rule_draft>& drafts, std::string_view table,
                 std::vector<rule_fault>& faults) {
  if (drafts.size() <= rules_max) return;
  faults.push_back({drafts.back().origin, std::string(table),
                    "has " + std::to_string(drafts.size()) + " rules, the preset's included; at " +
                        "most " + std::to_string(rules_max) + " may be there"});
}

std::string single_path_fault(std::string_view path) {
  const auto parsed = event::parse_path(path);
  if (!parsed.fault.empty()) return "is no path: it " + parsed.fault;
  const auto is_many = [](const event::path_step& step) {
    return step.kind != event::path_step_kind::member;
  };
  if (std::ranges::any_of(parsed.value.steps, is_many))
    return "may stand for many values; expects a path without [] and **";
  return {};
}

std::string single_value_fault(std::string_view path, const event_rules& rules) {
  const auto at = event::parse_path(path).value;
  const auto all = placed(rules.fields, [](const field_rule& r) -> const field_rule& { return r; });
  if (const auto* by = hidden_by(all, at)) return quoted_short(path) + " " + hidden_fault(*by);
  return {};
}

}  // namespace turnstile::core
