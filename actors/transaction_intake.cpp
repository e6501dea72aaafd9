// How the transactional_producer takes batches into the transaction that is open: first what an
// aborted one had, then what waits; of one version of rules and keys only.

#include <algorithm>
#include <utility>

#include "actors/transactional_producer.hpp"

namespace turnstile::actors {

/// Of what an aborted transaction had, as much as there is room for. False: some is left, and goes
/// before what came since.
bool transactional_producer_state::take_held_back() {
  if (!some_held_back_) return true;
  bool of_another = false;
  for (const auto& [source, lane] : lanes_) {
    while (!lane->closed() && lane->held_back() > 0) {
      if (!transaction_->takes_batches(now())) return false;
      const auto& batch = lane->first_held_back();
      if (!transaction_->takes(batch.generation())) {
        of_another = true;
        break;
      }
      transaction_->add(batch.outputs.size(), batch.credit_bytes, now(), batch.generation());
      lane->take_in();
      serve(*lane);
    }
  }
  if (of_another) transaction_->note_other();
  some_held_back_ = of_another;
  return !of_another;
}

void transactional_producer_state::take_waiting() {
  if (!take_held_back()) return;
  const auto takes = [this](const core::record_batch& batch) {
    return transaction_->takes(batch.generation());
  };
  while (!waiting_.empty() && !some_held_back_ && transaction_->takes_batches(now())) {
    const auto found = std::ranges::find_if(
        waiting_, [&takes](const auto& waiting) { return takes(*waiting.batch); });
    if (found == waiting_.end()) return transaction_->note_other();
    auto next = std::move(*found);
    waiting_.erase(found);
    const std::size_t records = next.batch->outputs.size();
    args_.figures->queued.add(-static_cast<std::int64_t>(records));  // Its lane counts it now.
    const auto source = next.batch->source;
    if (closed_.contain(source)) continue;
    transaction_->add(records, next.batch->credit_bytes, now(), next.batch->generation());
    auto& lane = lanes_[source];
    if (!lane)
      lane = std::make_unique<delivery_lane>(
          source, args_.backoff,
          delivery_lane::shared_figures{args_.figures->queued, args_.figures->possible_repeats});
    lane->add(std::move(next), takes);
    some_held_back_ = lane->held_back() > 0;
    serve(*lane);
  }
}

}  // namespace turnstile::actors
