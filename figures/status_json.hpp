// All figures, and what the health checks say, as one JSON object: what the status page shows.
//
// A free function; any thread may call it. Names are those of the metrics log. GUARANTEES: bounded
// as the metrics are; of records no value but those that a summary counts, which its topic has too.
#pragma once

#include <string>

#include "figures/history.hpp"
#include "figures/prometheus_text.hpp"

namespace turnstile::figures {

/// `{"live":…,"ready":…,"phase":…,"facts":{…},"about":{…},"actors":[…],"partitions":[…],…}`; what
/// is not known is null. `past`: to be told too; may be null.
[[nodiscard]] std::string status_json(const registry& figures, const exposition& how,
                                      const history* past = nullptr);

}  // namespace turnstile::figures
