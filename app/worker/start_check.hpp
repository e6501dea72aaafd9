// What a worker with these settings refuses at its start, before it asks any broker.
//
// The one place that decides it: `run` logs the faults and exits, `check` tells them. A free
// function; any thread may call it. GUARANTEES: nothing is started or changed; no fault shows a
// secret.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/http/tls_context.hpp"
#include "core/settings.hpp"
#include "event/errors/content_seal.hpp"
#include "event/methods/load_keys.hpp"

namespace turnstile::app {

struct start_fault {
  std::string option;  ///< Empty: it is not one option's.
  std::string text;

  [[nodiscard]] std::string line() const { return option.empty() ? text : option + ": " + text; }
};

struct start_check {
  std::vector<start_fault> faults;
  std::vector<std::string> warnings;
  std::string http_token;                       ///< Empty: none is wanted.
  std::shared_ptr<const tls_context> http_tls;  ///< Null: plain HTTP.
  /// Nothing where one of them is at fault.
  std::optional<event::loaded_keys> keys;
  std::optional<event::seal_key> seal;  ///< Where contents are sealed.
};

[[nodiscard]] start_check check_start(const core::settings& settings);

}  // namespace turnstile::app
