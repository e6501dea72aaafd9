// Hands outputs to librdkafka and answers each batch once the broker has acknowledged all of it.
//
// One of `workers.producers`, spawned and ended by the worker; owns one idempotent producer client
// and a delivery_lane for each partition_epoch it serves. A client with a fatal error is replaced
// by a new one, and everything unacknowledged is sent again. That is also how a refused request
// ends: nothing behind it is written, so nothing of it is out of order or there twice afterwards.
// Lanes that look for the record that was refused have a second client, for which it is no error.
// All methods run on the actor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "actors/delivery/closed_assignments.hpp"
#include "actors/delivery/delivery_lane.hpp"
#include "actors/delivery/layout_question.hpp"
#include "actors/delivery/standstill_log.hpp"
#include "core/figures.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

struct producer_args {
  std::size_t index = 0;
  kafka_io::delivery_client_factory make_client;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  messages::error_router_actor error_router;
  std::shared_ptr<core::producer_figures> figures;
  backoff_limits backoff;
  topic_names topics = {};
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
  void show_life() { args_.figures->life.note(); }
  void take_layout(const messages::layout_described& described);

private:
  [[nodiscard]] steady_time now() const;
  void open_client();
  [[nodiscard]] std::unique_ptr<kafka_io::delivery_client> make_client(kafka_io::sending how);
  [[nodiscard]] kafka_io::delivery_client& client_for(const delivery_lane& lane);
  [[nodiscard]] std::optional<kafka_io::io_error> fatal_error() const;
  [[nodiscard]] delivery_lane::shared_figures lane_figures() const;
  void serve(delivery_lane& lane);
  void serve_waiting();
  void settle(delivery_lane& lane);
  void ask_for_repair(delivery_lane& lane);
  void answer_finished(delivery_lane& lane);
  void replace_client_once_quiet();
  void begin_replacement(const kafka_io::io_error& why);
  void look_again_soon();
  void serve_touched();
  void note_waiting();

  self_ptr self_;
  producer_args args_;
  std::unique_ptr<kafka_io::delivery_client> client_;
  std::unique_ptr<kafka_io::delivery_client> careful_client_;  ///< Made when it is needed.
  std::map<core::batch_source, std::unique_ptr<delivery_lane>> lanes_;
  closed_assignments closed_;
  target_board board_;
  std::vector<kafka_io::delivery> deliveries_;
  std::vector<delivery_lane*> touched_;
  std::size_t under_way_ = 0;
  bool some_wait_ = false;  ///< Lanes that could not send all they have.
  core::batch_source took_room_;

  layout_question layout_question_;
  bool replacing_ = false;
  bool looks_again_ = false;  ///< A retry_tick for the replacement is on its way.
  steady_time purge_at_{};
  steady_time limits_until_{};  ///< So long a new client waits for the topics' limits.
  standstill_log standstills_;
};

/// Accepts  transformed_batch · repaired_records · wake · close_lane · retry_tick ·
///          layout_described · show_life
/// Sends    batch_done to a batch's owner; refused_records to the error_router
/// Stops    on EXIT from the worker, which sends it once all batches are answered or given up
messages::producer_actor::behavior_type producer(producer_state::self_ptr self, producer_args args);

}  // namespace turnstile::actors
