// What `turnstile redrive` is asked for.
//
// A plain value, filled by the command line on the main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/run/audit_session.hpp"

namespace turnstile::app {

struct redrive_args {
  std::vector<std::string> reasons;  ///< Names of core::reason; empty: all.
  // Of the inputs' own timestamps, seconds since the epoch.
  std::optional<std::int64_t> since_s;
  std::optional<std::int64_t> until_s;          ///< Not included.
  std::vector<audit::partition_range> offsets;  ///< Of inputs; empty: all.
  bool missing = false;                         ///< What an audit misses, in place of errors.
  std::int64_t attempts_max = 3;                ///< For one input.
  bool dry_run = false;
  bool json = false;
};

/// Whether an input of that reason and time (-1: it has none) is asked for.
[[nodiscard]] bool selects(const redrive_args& args, std::string_view reason,
                           std::int64_t timestamp_ms, std::int32_t partition, std::int64_t offset);

/// The same for the same selection, whatever order its parts were given in, and hardly for another.
[[nodiscard]] std::string selection_id(const redrive_args& args);

}  // namespace turnstile::app
