// Hands outputs to librdkafka and answers each batch once the broker has acknowledged all of it.
//
// One of `workers.producers`, spawned and ended by the worker; owns one idempotent producer client
// and a delivery_lane for each partition_epoch it serves. A client with a fatal error is replaced
// by a new one, and everything unacknowledged is sent again. All methods run on the actor.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "actors/delivery_lane.hpp"
#include "actors/layout_question.hpp"
#include "core/figures.hpp"
#include "core/log.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

struct producer_args {
  std::size_t index = 0;
  kafka_io::delivery_client_factory make_client;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  messages::error_router_actor error_router;
  std::shared_ptr<core::producer_figures> figures;
  backoff_limits backoff;
};

class producer_state {
public:
  static inline const char* name = "producer";
  using self_ptr = messages::producer_actor::stateful_pointer<producer_state>;

  explicit producer_state(self_ptr self) : self_(self) {}
  ~producer_state();

  void start(producer_args args);
  void accept(messages::transformed_batch& arrived);
  void take_deliveries();
  void take_repaired(const messages::repaired_records& repaired);
  void close_lane(core::partition_epoch source);
  void retry_paused();
  void take_layout(const messages::layout_described& described);

private:
  [[nodiscard]] steady_time now() const;
  void open_client();
  [[nodiscard]] delivery_lane::shared_figures lane_figures() const;
  void serve(delivery_lane& lane);
  void serve_waiting();
  void settle(delivery_lane& lane);
  void ask_for_repair(delivery_lane& lane);
  void answer_finished(delivery_lane& lane);
  void replace_client_once_quiet();
  void log_pause(const delivery_lane& lane);
  void serve_touched();
  void note_waiting();

  self_ptr self_;
  producer_args args_;
  std::unique_ptr<kafka_io::delivery_client> client_;
  std::map<core::partition_epoch, std::unique_ptr<delivery_lane>> lanes_;
  std::unordered_map<std::int32_t, std::uint64_t> closed_until_;  ///< Epoch, by partition.
  target_board board_;
  std::vector<kafka_io::delivery> deliveries_;
  std::vector<delivery_lane*> touched_;
  std::size_t under_way_ = 0;
  bool some_wait_ = false;  ///< Lanes that could not send all they have.
  core::partition_epoch took_room_;

  layout_question layout_question_;
  bool replacing_ = false;
  steady_time purge_at_{};
  core::log_limiter pause_log_{std::chrono::seconds(1)};
};

/// Accepts  transformed_batch · repaired_records · wake · close_lane · retry_tick ·
///          layout_described
/// Sends    batch_done to a batch's owner; refused_records to the error_router
/// Stops    on EXIT from the worker, which sends it once all batches are answered or given up
messages::producer_actor::behavior_type producer(producer_state::self_ptr self, producer_args args);

}  // namespace turnstile::actors
