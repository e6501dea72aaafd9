#include "actors/transformer.hpp"

#include <utility>

namespace turnstile::actors {

using namespace messages;

namespace {

void count(const core::record_batch& batch, core::transformer_figures& figures) {
  std::int64_t by_outcome[3] = {};
  for (const auto& output : batch.outputs) ++by_outcome[static_cast<std::size_t>(output.result)];
  figures.batches.add(1);
  figures.records.add(static_cast<std::int64_t>(batch.outputs.size()));
  figures.processed.add(by_outcome[static_cast<std::size_t>(core::outcome::processed)]);
  figures.filtered.add(by_outcome[static_cast<std::size_t>(core::outcome::filtered)]);
  figures.failed.add(by_outcome[static_cast<std::size_t>(core::outcome::failed)]);
  figures.unknown_fields.add(batch.unknown_fields);
}

}  // namespace

void transformer_state::transform(raw_batch& raw) {
  const core::busy_time busy{args.figures->busy_us};
  if (raw.batch->version != version) {
    version = raw.batch->version;
    made = version->make();
  }
  core::transform_batch(*made, *raw.batch, args.now_s());
  count(*raw.batch, *args.figures);
  const auto partition = static_cast<std::size_t>(raw.batch->source.assignment().partition);
  const auto& next = args.producers[partition % args.producers.size()];
  if (raw.batch->failures.empty())
    tell(next, transformed_batch{std::move(raw.batch), std::move(raw.owner)});
  else
    tell(args.error_router, failed_batch{std::move(raw.batch), std::move(raw.owner), next});
}

void transformer_state::show_life() {
  args.figures->life.note();
  if (!version || version == args.versions->in_force()) return;
  made.reset();
  version.reset();
}

transformer_actor::behavior_type transformer(
    transformer_actor::stateful_pointer<transformer_state> self, transformer_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](raw_batch& raw) { state.transform(raw); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
