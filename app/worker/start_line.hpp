// What the log's first line says: which build runs, with what configuration.
//
// Pure but for the log; any thread may call it. GUARANTEES: no secret; bounded.
#pragma once

#include <string>
#include <vector>

#include "config/rules/rule_text.hpp"
#include "core/settings.hpp"
#include "figures/prometheus_text.hpp"

namespace turnstile::app {

/// `name=value` of all options and properties that are not at their defaults, secrets hidden.
[[nodiscard]] std::string differing_options(const core::settings& settings);

/// Rules that are not as the preset has them.
[[nodiscard]] std::vector<core::rule_line> rules_beside_preset(const core::event_rules& rules);

struct start_facts {
  std::string worker_id;
  std::string config_file;      ///< Empty: none.
  std::string key_id;           ///< Empty without a key.
  std::string key_fingerprint;  ///< `none` without a key.
  std::size_t transformers = 0, producers = 0;
};
void log_start(const core::settings& settings, const start_facts& facts);

/// What /metrics and /status say of the build and the configuration; of the latter a hash.
[[nodiscard]] std::vector<figures::fact> figures_facts(const core::settings& settings);

/// And of the key in force; empty: none is.
[[nodiscard]] std::vector<figures::fact> key_facts(const std::string& key_id);

}  // namespace turnstile::app
