#include "figures/history.hpp"

namespace turnstile::figures {

void history::note(const registry& figures, const moment& at) {
  sample now{.at_ms = at.wall_ms,
             .processed = figures.summary->processed.get(),
             .filtered = figures.summary->filtered.get(),
             .failed = figures.summary->failed.get(),
             .lag = merged(partition_table(), figures.partitions(at)).value_of("lag_records")};
  for (std::size_t i = 0; i < now.by_reason.size(); ++i)
    now.by_reason[i] = figures.error_router->by_reason[i].get();
  if (samples_.size() == samples_max) samples_.pop_front();
  samples_.push_back(now);
}

}  // namespace turnstile::figures
