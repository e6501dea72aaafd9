// The producer of exactly-once: writes outputs and commits their inputs' offsets in transactions.
//
// One of `workers.producers`, in the producer's place; spawned and ended by the worker. Owns one
// transactional client, the transaction that is open, and a delivery_lane for each partition_epoch
// that has something in it. A lane holds what is in the transaction, and what an aborted one had
// and this one has no room for; batches that come while none takes them wait outside. All methods
// run on the actor.
//
// A partition belongs to the same producer as long as the process lives, so its offsets are never
// in two open transactions of ours. Between processes the group's generation decides, by the
// membership that goes with the offsets.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/delivery/closed_assignments.hpp"
#include "actors/delivery/delivery_lane.hpp"
#include "actors/delivery/layout_question.hpp"
#include "actors/delivery/standstill_log.hpp"
#include "actors/delivery/transaction.hpp"
#include "core/figures.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// Who hears that another process has taken our place: the worker.
using fence_listener = messages::accepts<messages::producer_fenced>;

struct transactional_producer_args {
  std::size_t index = 0;
  kafka_io::transaction_client_factory make_client;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  messages::error_router_actor error_router;
  fence_listener worker;
  std::shared_ptr<core::producer_figures> figures;
  transaction_limits limits;
  backoff_limits backoff;
  topic_names topics = {};
};

class transactional_producer_state {
public:
  static inline const char* name = "producer";
  using self_ptr =
      messages::transactional_producer_actor::stateful_pointer<transactional_producer_state>;

  explicit transactional_producer_state(self_ptr self) : self_(self) {}
  ~transactional_producer_state();

  void start(transactional_producer_args args);
  void accept(messages::transformed_batch& arrived);
  void take_deliveries();
  void take_answer(const messages::transaction_answered& answered);
  void take_outcome(const messages::assignment_described& described);
  void take_layout(const messages::layout_described& described);
  void take_repaired(const messages::repaired_records& repaired);
  void close_lane(core::partition_epoch source);
  void renew_membership(kafka_io::membership member);
  void commit_soon(bool on) {
    transaction_->set_urgency(on);
    go_on();
  }
  void show_life() { args_.figures->life.note(); }
  void go_on();

private:
  using lane_map = std::map<core::batch_source, std::unique_ptr<delivery_lane>>;

  [[nodiscard]] steady_time now() const { return self_->clock().now(); }
  [[nodiscard]] messages::transactional_producer_actor me() const;
  void open_client();
  void close_client();

  bool take_held_back();
  void take_waiting();
  void serve(delivery_lane& lane);
  void serve_waiting();
  void note_failure(const delivery_lane& lane, kafka_io::error_code code);
  [[nodiscard]] bool all_sent() const;

  void carry_out(transaction_step step);
  void send_offsets();
  void abort();
  void finish();
  void replay();
  void replace();
  void ask_for_outcome();
  void leave();
  void restart_lanes();
  void arm_timer();

  self_ptr self_;
  transactional_producer_args args_;
  std::unique_ptr<kafka_io::transaction_client> client_;
  std::uint64_t client_number_ = 0;
  kafka_io::membership member_;
  std::optional<transaction> transaction_;

  lane_map lanes_;
  closed_assignments closed_;
  std::deque<messages::transformed_batch> waiting_;  ///< For a transaction to take them.
  target_board board_;
  std::vector<kafka_io::delivery> deliveries_;
  std::size_t under_way_ = 0;
  bool some_wait_ = false;       ///< Lanes that could not send all they have.
  bool some_held_back_ = false;  ///< Lanes that are not wholly in the transaction: what an aborted
                                 ///< one had, or what is of a later version.
  core::batch_source took_room_;

  std::optional<steady_time> armed_for_;
  std::uint64_t outcome_ticket_ = 0;
  failure_log failures_;
  bool refused_for_size_ = false;  ///< Why the client is replaced.
  layout_question layout_question_;
};

/// Accepts  transformed_batch · repaired_records · wake · close_lane · retry_tick ·
///          layout_described · transaction_answered · assignment_described ·
///          membership_changed · commit_soon · show_life
/// Sends    batch_done to a batch's owner, after the commit; refused_records to the error_router;
///          producer_fenced to the worker
/// Stops    on EXIT from the worker; a transaction that is open then is aborted by its coordinator
messages::transactional_producer_actor::behavior_type transactional_producer(
    transactional_producer_state::self_ptr self, transactional_producer_args args);

}  // namespace turnstile::actors
