#include "actors/error_router.hpp"

#include <utility>
#include <vector>

#include "event/error_record.hpp"

namespace turnstile::actors {

using namespace messages;

void error_router_state::write(core::record_batch& batch, const core::failure& failure) {
  event::write_error_record(batch, failure, args.worker_id, args.now_s(), args.origin_value_bytes,
                            args.foreign);
  args.figures->by_reason[static_cast<std::size_t>(failure.reason)].add(1);
}

void error_router_state::write_errors(failed_batch& failed) {
  const core::busy_time busy{args.figures->busy_us};
  for (const auto& failure : failed.batch->failures) write(*failed.batch, failure);
  failed.batch->failures = std::vector<core::failure>();
  tell(failed.next, transformed_batch{std::move(failed.batch), std::move(failed.owner)});
}

void error_router_state::repair(refused_records& refused) {
  const core::busy_time busy{args.figures->busy_us};
  for (const auto& failure : refused.failures) write(*refused.batch, failure);
  tell(refused.reply_to, repaired_records{std::move(refused.batch)});
}

error_router_actor::behavior_type error_router(
    error_router_actor::stateful_pointer<error_router_state> self, error_router_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](failed_batch& failed) { state.write_errors(failed); },
      [&state](refused_records& refused) { state.repair(refused); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
