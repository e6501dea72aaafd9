// Turns the records of a batch into what becomes of them. One of a pool.
//
// Spawned and ended by the worker. Keeps nothing between batches but the reusable buffers of the
// version that the last one was made with, so any batch may go to any transformer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/figures.hpp"
#include "core/transform.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// Seconds since the epoch.
using wall_clock = std::function<std::int64_t()>;

struct transformer_args {
  std::shared_ptr<const core::version_board> versions;
  std::vector<messages::producer_actor> producers;
  messages::error_router_actor error_router;
  std::shared_ptr<core::transformer_figures> figures;
  wall_clock now_s;
};

struct transformer_state {
  static inline const char* name = "transformer";

  void start(transformer_args a) { args = std::move(a); }
  void transform(messages::raw_batch& raw);
  void show_life();

  transformer_args args;
  std::shared_ptr<const core::transform_version> version;  ///< Of `made`.
  std::unique_ptr<core::record_transform> made;
};

/// Accepts  raw_batch · show_life (which also lets go of a version, and its keys, that is no longer
///          in force)
/// Sends    transformed_batch to the partition's producer, or failed_batch to the error_router
/// Stops    on EXIT from the worker, after what is in its mailbox
messages::transformer_actor::behavior_type transformer(
    messages::transformer_actor::stateful_pointer<transformer_state> self, transformer_args args);

}  // namespace turnstile::actors
