#include "kafka_io/worker/credit_pool.hpp"

#include <algorithm>

namespace turnstile::kafka_io {

std::size_t credit_pool::room(std::size_t wanted) const {
  const std::size_t records = held_.records - std::min(aside_.records, most_.records / aside_part);
  const std::size_t bytes = held_.bytes - std::min(aside_.bytes, most_.bytes / aside_part);
  const std::size_t full = std::min({wanted, most_.records, most_.bytes / record_bytes_});
  if (records >= most_.records || bytes >= most_.bytes) return 0;
  const std::size_t left =
      std::min({full, most_.records - records, (most_.bytes - bytes) / record_bytes_});
  // Nobody will make more: one at least, however large.
  if (held_.records == aside_.records) return std::max<std::size_t>(1, left);
  return left < full / 4 ? 0 : left;
}

void credit_pool::take(core::partition_epoch by, in_flight amount, time_point now) {
  if (amount.records == 0) return;
  auto& of = holders_[by];
  if (of.held.records == 0) of.moved_at = now;
  of.held += amount;
  held_ += amount;
  if (of.aside) aside_ += amount;
  record_bytes_ = std::max<std::size_t>(1, amount.bytes / amount.records);
}

void credit_pool::spend(core::partition_epoch by, std::size_t bytes) {
  const auto at = holders_.find(by);
  if (at == holders_.end() || at->second.held.records == 0) return;
  at->second.held.bytes += bytes;
  held_.bytes += bytes;
  if (at->second.aside) aside_.bytes += bytes;
}

void credit_pool::give_back(core::partition_epoch by, in_flight amount, time_point now) {
  const auto at = holders_.find(by);
  if (at == holders_.end()) return;
  auto& of = at->second;
  if (!of.aside) usual_gap_ += (now - of.moved_at - usual_gap_) / 12;
  of.moved_at = now;
  of.held -= amount;
  held_ -= amount;
  if (of.aside)
    aside_ -= amount;
  else if (of.held.records == 0)
    holders_.erase(at);
}

void credit_pool::forget(core::partition_epoch by) {
  const auto at = holders_.find(by);
  if (at == holders_.end()) return;
  held_ -= at->second.held;
  if (at->second.aside) aside_ -= at->second.held;
  holders_.erase(at);
}

std::vector<core::partition_epoch> credit_pool::set_stuck_aside(time_point now) {
  const auto after = std::clamp<time_point::duration>(stuck_after_times * usual_gap_, stuck_after,
                                                      stuck_after_max);
  std::vector<core::partition_epoch> stuck;
  for (auto& [by, of] : holders_) {
    if (of.aside || now - of.moved_at < after) continue;
    of.aside = true;
    aside_ += of.held;
    stuck.push_back(by);
  }
  return stuck;
}

std::vector<core::partition_epoch> credit_pool::take_recovered() {
  std::vector<core::partition_epoch> recovered;
  for (auto at = holders_.begin(); at != holders_.end();) {
    const bool done = at->second.aside && at->second.held.records == 0;
    if (done) recovered.push_back(at->first);
    at = done ? holders_.erase(at) : std::next(at);
  }
  return recovered;
}

}  // namespace turnstile::kafka_io
