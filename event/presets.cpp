#include "event/presets.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace turnstile::event
