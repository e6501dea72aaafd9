#include "config/rules/replaced_settings.hpp"

#include <algorithm>

namespace turnstile::core {

namespace {

void set_from_field(settings& values, const field_rule& rule) {
  if (rule.path == "timestamp") {
    const bool by_size = rule.time.units == time_units::magnitude;
    values.input.timestamp_units = by_size ? timestamp_units::magnitude : timestamp_units::seconds;
    values.input.timestamp_iso8601 = rule.time.iso8601;
    values.output.timestamp_format = rule.time.output == time_output::rfc3339
                                         ? timestamp_format::rfc3339
                                         : timestamp_format::datetime;
  }
  if (rule.default_token && rule.default_token->starts_with('"'))
    values.input.missing_default[rule.path] =
        rule.default_token->substr(1, rule.default_token->size() - 2);
}

}  // namespace

void set_from_rules(settings& values) {
  const auto& rules = values.event;
  values.input.unknown_fields =
      rules.unknown == unknown_policy::keep ? unknown_fields::keep : unknown_fields::drop;
  values.input.missing_default.clear();
  for (const auto& rule : rules.fields) set_from_field(values, rule);
  values.filter.app_versions.clear();
  for (const auto& condition : rules.keep)
    if (condition.path == "app_version")
      for (const auto& value : condition.values) values.filter.app_versions.push_back(value.text);
}

}  // namespace turnstile::core
