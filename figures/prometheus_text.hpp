// All figures in the text format that Prometheus scrapes (version 0.0.4).
//
// A free function; any thread may call it. GUARANTEES: at most `partitions_max` partitions have
// series of their own, the others share one; labels are the registry's, never a record's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/registry.hpp"

namespace turnstile::figures {

/// A family that is 1 and whose labels say something.
struct fact {
  const figures::family* family = nullptr;
  std::vector<std::pair<std::string, std::string>> labels;
};

struct exposition {
  std::string topic;  ///< The partitions' one.
  std::size_t partitions_max = 0;
  std::vector<fact> facts;
  std::string about;  ///< A JSON object that the status has as it is; empty: none.
};

[[nodiscard]] std::string prometheus_text(const registry& figures, const exposition& how);

/// Those with most lag first; what is beyond `most` merged, as the last of them, whose instance is
/// `other`.
[[nodiscard]] std::vector<reading> most_behind(std::vector<reading> partitions, std::size_t most);

}  // namespace turnstile::figures
