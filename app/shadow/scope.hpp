// Which inputs a shadow compares, and from where on their outputs are read.
//
// Asked of the brokers once, at the beginning, on the session's thread; a plain value from then on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "audit/run/audit_session.hpp"
#include "audit/run/audit_source.hpp"

namespace turnstile::shadow {

/// At most one of them says something; none: all inputs that are there.
struct wanted_inputs {
  std::optional<std::int64_t> since_s;          ///< Seconds since the epoch.
  std::vector<audit::partition_range> offsets;  ///< Empty: all.
  std::int64_t sample = 0;                      ///< So many of the newest with outcomes; 0: all.
};

/// A partition of an output topic.
struct output_range {
  audit::offset_range range;
  /// Where its first records are gone: by input partition the first origin that was seen, or -1.
  std::vector<std::int64_t> first_seen;
};

struct scope {
  std::vector<audit::offset_range> wanted;   ///< By input partition.
  std::vector<kafka_io::watermarks> inputs;  ///< Whatever is wanted of them.
  std::array<std::vector<output_range>, audit::output_fates.size()> outputs;

  [[nodiscard]] std::vector<output_range>& of(audit::fate where) {
    return outputs[audit::index_of(where)];
  }
  [[nodiscard]] const std::vector<output_range>& of(audit::fate where) const {
    return outputs[audit::index_of(where)];
  }
};

[[nodiscard]] kafka_io::result<scope> find_scope(audit::audit_source& source,
                                                 const wanted_inputs& wanted);

/// How many of `count` each partition gives that has as many as `there` says: alike, and where one
/// has too few the others more.
[[nodiscard]] std::vector<std::int64_t> share_out(std::int64_t count,
                                                  const std::vector<std::int64_t>& there);

}  // namespace turnstile::shadow
