// The transform of login events by the settings' options, for tests and benchmarks.
//
// Owned by one test or actor; used on one thread.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event_transform.hpp"
#include "event/methods/pseudonymiser.hpp"
#include "event/presets.hpp"

namespace turnstile::tests {

/// As shipped, as far as the transform reads them.
inline core::settings default_settings() {
  core::settings options;
  options.topics.input = "user-login";
  options.input.value_bytes_max = 1024 * 1024;
  options.event = event::login_rules();
  options.errors.content = core::error_content::pseudonymised;
  options.errors.unknown = core::unknown_fields::drop;
  return options;
}

/// REQUIRES: the login event has such a field.
inline core::field_rule& rule_of(core::settings& options, std::string_view path) {
  return *std::ranges::find(options.event.fields, path, &core::field_rule::path);
}

/// Other versions are filtered; without any none are.
inline void keep_versions(core::settings& options, const std::vector<std::string>& versions) {
  options.event.keep.clear();
  if (versions.empty()) return;
  core::filter_condition& keep = options.event.keep.emplace_back();
  keep.path = "app_version";
  for (const std::string& version : versions) keep.values.push_back({.text = version});
}

inline std::shared_ptr<const event::plan> plan_of(
    const core::event_rules& rules, std::shared_ptr<const event::pseudonymiser> pseudonyms) {
  event::method_keys keys = event::make_method_keys(nullptr, nullptr, nullptr);
  if (pseudonyms) keys.pseudonyms = std::move(pseudonyms);
  return std::make_shared<const event::plan>(rules, keys);
}

class login_transform final : public event::event_transform {
public:
  explicit login_transform(const core::settings& options,
                           std::shared_ptr<const event::pseudonymiser> pseudonyms = nullptr,
                           const std::optional<event::seal_key>& seal = {})
    : event_transform(options, plan_of(options.event, std::move(pseudonyms)), seal) {}
};

}  // namespace turnstile::tests
