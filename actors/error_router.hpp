// Writes the error records: for inputs that failed, and for outputs the broker will never take.
//
// Spawned and ended by the worker. What it is given is already free of
// personal data, unless `errors.content` is raw.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "actors/transformer.hpp"
#include "core/figures.hpp"
#include "event/errors/foreign_headers.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

struct error_router_args {
  std::string worker_id;
  std::size_t origin_value_bytes;  ///< As `core::origin_bytes` has it of the input topic.
  event::foreign_headers foreign;
  std::shared_ptr<core::error_router_figures> figures;
  wall_clock now_s;
};

struct error_router_state {
  static inline const char* name = "error_router";

  void start(error_router_args a) { args = std::move(a); }
  void write_errors(messages::failed_batch& failed);
  void repair(messages::refused_records& refused);
  void show_life() { args.figures->life.note(); }

  error_router_args args;

private:
  void write(core::record_batch& batch, const core::failure& failure);
};

/// Accepts  failed_batch · refused_records · show_life
/// Sends    transformed_batch to the producer a batch was on its way to; repaired_records back to
///          the producer that asked
/// Stops    on EXIT from the worker, after what is in its mailbox
messages::error_router_actor::behavior_type error_router(
    messages::error_router_actor::stateful_pointer<error_router_state> self,
    error_router_args args);

}  // namespace turnstile::actors
