#include "event/presets.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/quoting.hpp"

namespace turnstile::event {

using namespace core;

namespace {

field_rule required(std::string_view path, field_type type) {
  field_rule rule;
  rule.path = path;
  rule.type = type;
  rule.required = true;
  return rule;
}

filter_condition any_of(std::string_view path, const std::vector<std::string>& values) {
  filter_condition condition;
  condition.path = path;
  for (const auto& value : values) condition.values.push_back({.text = value});
  return condition;
}

field_method method_of(carry how) {
  switch (how) {
    case carry::keep:
      return field_method::keep;
    case carry::hash:
      return field_method::pseudonym;
    case carry::drop:
      break;
  }
  return field_method::drop;
}

void set_time(time_rule& rule, const settings& from) {
  if (from.input.timestamp_units == timestamp_units::magnitude) rule.units = time_units::magnitude;
  rule.iso8601 = from.input.timestamp_iso8601;
  if (from.output.timestamp_format == timestamp_format::rfc3339) rule.output = time_output::rfc3339;
}

}  // namespace

event_rules login_rules() {
  event_rules rules;
  rules.preset = "login";
  rules.id = "user_id";
  rules.fields = {
      required("user_id", field_type::string),     required("ip", field_type::string),
      required("device_id", field_type::string),   required("app_version", field_type::string),
      required("device_type", field_type::string), required("timestamp", field_type::time),
      required("locale", field_type::string)};
  rules.fields[0].allow_empty = false;
  rules.fields[1].method.method = field_method::pseudonym;
  rules.fields[2].method.method = field_method::pseudonym;
  rules.fields[5].time.output = time_output::datetime;
  rules.keep = {any_of("app_version", {"2.3.0"})};
  rules.count_by = {"device_type", "locale"};
  return rules;
}

event_rules no_rules() {
  event_rules rules;
  rules.preset = "none";
  return rules;
}

event_rules make_event_rules(const settings& settings) {
  event_rules rules = login_rules();
  if (settings.input.unknown_fields == unknown_fields::drop) rules.unknown = unknown_policy::drop;
  for (field_rule& field : rules.fields) {
    if (field.type == field_type::time) set_time(field.time, settings);
    const auto fallback = settings.input.missing_default.find(field.path);
    if (fallback != settings.input.missing_default.end() && !fallback->second.empty())
      field.default_token = quoted(fallback->second);
  }
  rules.keep.clear();
  if (!settings.filter.app_versions.empty())
    rules.keep.push_back(any_of("app_version", settings.filter.app_versions));
  rules.key.method = method_of(settings.privacy.record_keys);
  rules.other_headers.method = method_of(settings.privacy.headers);
  return rules;
}

}  // namespace turnstile::event
