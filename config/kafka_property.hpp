// Which librdkafka properties may be passed through, and which of them must never be shown.
//
// Pure functions over one table of refused names; any thread may call them. Whether librdkafka
// knows a property at all is not decided here.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/settings.hpp"

namespace turnstile::core {

/// librdkafka's client.id beyond this crashes versions before 2.5.
inline constexpr std::size_t client_id_bytes_max = 64;

/// What the engine gives `session.timeout.ms` where the configuration does not.
inline constexpr int session_timeout_ms_default = 10'000;

/// One row: `name` as librdkafka has it, with `*` at its end for all that begin so, and with
/// `producer.` before it where it is refused in `[kafka.producer]` alone.
struct refused_property {
  std::string_view name;
  std::string_view reason;  ///< Why, or what to use instead.
  std::string_view unless;  ///< The value that is harmless, or bounds `1..5`; empty: none is.
};

[[nodiscard]] std::span<const refused_property> refused_properties();

/// Why the property may not be set to `value`, as the end of a sentence; empty where it may.
/// GUARANTEES: does not repeat the value of a secret.
[[nodiscard]] std::string property_fault(std::string_view name, std::string_view value);

/// Deny by default: whatever sounds like a secret is one.
[[nodiscard]] bool is_secret_property(std::string_view name);

/// The value, or what is shown instead of it.
[[nodiscard]] std::string shown_property(std::string_view name, std::string_view value);

/// Why this librdkafka is too old for it, as the end of a sentence; empty where it is not.
/// `rdkafka_version` as `rd_kafka_version()`; 0: unknown, taken as old.
[[nodiscard]] std::string version_fault(std::string_view name, std::string_view value,
                                        int rdkafka_version);

/// Properties that go with `group.protocol = "classic"` only: the brokers decide them otherwise.
[[nodiscard]] std::span<const std::string_view> classic_properties();

/// `[kafka.consumer]`, else `[kafka]`; null where the property is not set.
[[nodiscard]] const std::string* consumer_property(const settings& values, const char* name);

/// Whether `group.protocol` is `consumer`: the brokers share the partitions (KIP-848).
[[nodiscard]] bool consumer_protocol(const settings& s);

/// Whether `auto.offset.reset` says so: latest, or librdkafka's other names of it.
[[nodiscard]] bool begins_at_end(const settings& s);

}  // namespace turnstile::core
