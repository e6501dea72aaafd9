#include "actors/outcome_watch.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "core/log.hpp"

namespace turnstile::actors {

namespace {

constexpr std::size_t by_filter = core::reason_count;

/// The option that lets such events through; empty: there is none.
std::string_view option_for(std::size_t cause) {
  if (cause == by_filter) return "filter.keep, filter.drop";
  switch (static_cast<core::reason>(cause)) {
    case core::reason::missing_fields:
      return "fields.<path>.default";
    case core::reason::bad_timestamp:
      return "fields.<path>.units, fields.<path>.iso8601";
    case core::reason::too_large:
      return "input.value_bytes_max";
    default:
      return {};
  }
}

}  // namespace

std::int64_t outcome_watch::totals::refused() const {
  return std::reduce(by_reason.begin(), by_reason.end());
}

std::size_t outcome_watch::main_cause(const totals& now) const {
  std::size_t cause = by_filter;
  std::int64_t most = now.filtered - before_.filtered;
  for (std::size_t i = 0; i < core::reason_count; ++i) {
    if (const auto count = now.by_reason[i] - before_.by_reason[i]; count > most) {
      cause = i;
      most = count;
    }
  }
  return cause;
}

void outcome_watch::note(const totals& now, time_point at) {
  if (now.processed > before_.processed) {
    before_ = now;
    since_.reset();
    told_.clear();
    return;
  }
  const std::int64_t filtered = now.filtered - before_.filtered;
  const std::int64_t refused = now.refused() - before_.refused();
  if (filtered + refused == 0) return;
  if (!since_) since_ = at;
  if (at - *since_ < told_after) return;
  if (now.processed > 0 && filtered + refused < records_min) return;
  const std::size_t cause = main_cause(now);
  if (told_.insert(cause).second) {
    const auto option = option_for(cause);
    core::log_warning(
        "records come and none is processed",
        {{"filtered", filtered},
         {"refused", refused},
         {"mostly", cause == by_filter ? "filtered_app_version" : core::reason_names[cause]},
         {"option", option.empty() ? std::nullopt : std::optional{option}}});
  }
  before_ = now;
  since_.reset();
}

}  // namespace turnstile::actors
