// All figures, and what the health checks say, as one JSON object.
//
// A free function; any thread may call it. Names are those of the metrics log. GUARANTEES: bounded
// as the metrics are; no value of a record.
#pragma once

#include <string>

#include "figures/prometheus_text.hpp"

namespace turnstile::figures {

/// `{"live":…,"ready":…,"checks":[…],"facts":{…},"actors":[…],"partitions":[…]}`; what is not known
/// is null.
[[nodiscard]] std::string status_json(const registry& figures, const exposition& how);

}  // namespace turnstile::figures
