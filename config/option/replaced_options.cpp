#include "config/option/replaced_options.hpp"

#include <algorithm>
#include <array>

#include "config/option/option.hpp"

namespace turnstile::core {

namespace {

struct replaced {
  std::string_view name;
  std::string_view now;
};

constexpr std::array options{
    replaced{"input.unknown_fields", "is now event.unknown"},
    replaced{"input.missing", "is now default in the rules of [fields]"},
    replaced{"input.missing.ip", "is now fields.ip.default, without default: before the value"},
    replaced{"input.missing.device_id",
             "is now fields.device_id.default, without default: before the value"},
    replaced{"input.missing.app_version",
             "is now fields.app_version.default, without default: before the value"},
    replaced{"input.missing.device_type",
             "is now fields.device_type.default, without default: before the value"},
    replaced{"input.missing.locale",
             "is now fields.locale.default, without default: before the value"},
    replaced{"input.timestamp_units", "is now fields.timestamp.units"},
    replaced{"input.timestamp_iso8601", "is now fields.timestamp.iso8601"},
    replaced{"output.timestamp_format", "is now fields.timestamp.output"},
    replaced{"filter.app_versions", "is now filter.keep.app_version"},
};

}  // namespace

std::string_view replaced_option(std::string_view name) {
  const auto found = std::ranges::find(options, name, &replaced::name);
  return found == options.end() ? std::string_view{} : found->now;
}

std::string replaced_variable(std::string_view variable) {
  for (const auto& [name, now] : options) {
    if (environment_name(name) != variable) continue;
    std::string out{now};
    if (now.find("fields.") != std::string_view::npos) out += ": set TURNSTILE_FIELDS";
    if (now.find("filter.") != std::string_view::npos) out += ": set TURNSTILE_FILTER_KEEP";
    return out;
  }
  return {};
}

}  // namespace turnstile::core
