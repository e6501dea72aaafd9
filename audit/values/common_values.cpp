#include "audit/values/common_values.hpp"

#include <functional>
#include <iterator>

namespace turnstile::audit {

void common_values::add(std::string_view value) {
  ++added_;
  const std::size_t hash = std::hash<std::string_view>{}(value);
  if (const auto found = counts_.find(hash); found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < kept_max) {
    counts_.emplace(hash, 1);
  } else {
    for (auto kept = counts_.begin(); kept != counts_.end();)
      kept = --kept->second == 0 ? counts_.erase(kept) : std::next(kept);
  }
}

bool common_values::is_common(std::string_view value) const {
  if (added_ < added_min) return false;
  const auto found = counts_.find(std::hash<std::string_view>{}(value));
  // A count is too low by one in kept_max of those added at most.
  const std::int64_t too_low = added_ / static_cast<std::int64_t>(kept_max);
  return found != counts_.end() && (found->second + too_low) * 100 > added_;
}

}  // namespace turnstile::audit
