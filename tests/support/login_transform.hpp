// The transform of login events by the settings' options, for tests and benchmarks.
//
// Owned by one test or actor; used on one thread.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "event/event_transform.hpp"
#include "event/methods/pseudonymiser.hpp"
#include "event/presets.hpp"

namespace turnstile::tests {

/// As shipped, as far as the transform reads them.
inline core::settings default_settings() {
  core::settings options;
  options.topics.input = "user-login";
  options.input.value_bytes_max = 1024 * 1024;
  options.filter.app_versions = {"2.3.0"};
  options.errors.content = core::error_content::pseudonymised;
  options.errors.unknown = core::unknown_fields::drop;
  return options;
}

inline std::shared_ptr<const event::plan> plan_of(
    const core::event_rules& rules, std::shared_ptr<const core::pseudonymiser> pseudonyms) {
  event::method_keys keys = event::make_method_keys(nullptr, nullptr, nullptr);
  if (pseudonyms) keys.pseudonyms = std::move(pseudonyms);
  return std::make_shared<const event::plan>(rules, keys);
}

class login_transform final : public event::event_transform {
public:
  explicit login_transform(const core::settings& options,
                           std::shared_ptr<const core::pseudonymiser> pseudonyms = nullptr,
                           const std::optional<event::seal_key>& seal = {})
    : event_transform(options, plan_of(rules_of(options), std::move(pseudonyms)), seal) {}

private:
  static core::event_rules rules_of(const core::settings& options) {
    return options.event.fields.empty() ? event::make_event_rules(options) : options.event;
  }
};

}  // namespace turnstile::tests
