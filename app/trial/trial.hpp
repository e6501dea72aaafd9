// One event through the worker's own transform, without a broker: for those who try their rules.
//
// Owned and used by one thread. GUARANTEES: what it tells of an event is what a worker with these
// settings would write, but for the headers of its origin and key id and the limits of its topics,
// which only brokers know.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/batch.hpp"
#include "core/settings.hpp"
#include "core/transform.hpp"
#include "event/plan.hpp"

namespace turnstile::app {

using header_list = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct given_event {
  std::optional<std::string> value;  ///< None: a tombstone.
  std::optional<std::string> key;
  header_list headers;
  std::int64_t timestamp_ms = -1;
};

struct tried_event {
  core::outcome outcome = core::outcome::processed;
  std::string topic;
  std::optional<core::reason> reason;  ///< Of an error.
  std::string error_type;
  std::optional<std::string> value;
  std::optional<std::string> key;
  header_list headers;
};

/// The rules with their keys, or why a key cannot be used, as one line.
[[nodiscard]] std::variant<std::shared_ptr<const event::plan>, std::string> load_rules(
    const core::settings& settings);

class trial {
public:
  /// Or why a key cannot be used, as one line.
  [[nodiscard]] static std::variant<trial, std::string> make(const core::settings& settings);

  [[nodiscard]] tried_event run(const given_event& event) const;

private:
  trial(const core::settings& settings, std::unique_ptr<core::record_transform> transform);

  core::settings settings_;
  std::unique_ptr<core::record_transform> transform_;
};

/// "processed", "filtered", "error".
[[nodiscard]] std::string_view name_of(core::outcome outcome);

/// The event as it came out, of an error or a filtered record its content; empty where there is
/// none.
[[nodiscard]] std::string_view event_of(const tried_event& tried);

}  // namespace turnstile::app
