// Starts, watches and stops all other actors, and decides the exit code.
//
// One for each process, spawned by app/worker_host. Stops in this order: read no more, finish and
// commit; last summary; leave the group; end the actors. The death of any actor leads to the same
// stop, with a shorter deadline and a non-zero exit code: a clean process must take over.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/error_router.hpp"
#include "actors/group_consumer.hpp"
#include "actors/metrics_reporter.hpp"
#include "actors/producer.hpp"
#include "actors/summary.hpp"
#include "actors/transactional_producer.hpp"
#include "actors/transformer.hpp"
#include "core/settings.hpp"

namespace turnstile::actors {

struct worker_args {
  std::shared_ptr<const core::settings> settings;
  std::string worker_id;
  std::shared_ptr<kafka_io::group_client> group_client;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  kafka_io::batch_survey survey;
  kafka_io::delivery_client_factory make_delivery_client;
  kafka_io::transaction_client_factory make_transaction_client;
  std::shared_ptr<const core::version_board> versions;
  std::shared_ptr<const core::topic_layout> layout;
  messages::set_credit credit_total;
  bool credit_is_pooled = false;
  std::shared_ptr<figures::registry> figures;
  wall_clock now_s;

  /// Called once, on the actor, with the exit code: exit_ok, exit_internal or exit_fenced.
  /// Also where the worker itself dies.
  std::function<void(int exit_code)> ended;
};

class worker_state {
public:
  static inline const char* name = "worker";
  using self_ptr = messages::worker_actor::stateful_pointer<worker_state>;

  explicit worker_state(self_ptr self) : self_(self) {}
  ~worker_state();
  worker_state(const worker_state&) = delete;
  worker_state& operator=(const worker_state&) = delete;

  void start(worker_args args);
  void stop(const std::string& cause);
  void publish_last_summary();
  void leave_group();
  void finish();
  void note_death(const messages::actor_ended& dead);
  void note_consumer_failure(const kafka_io::io_error& error);
  void note_fence(const messages::producer_fenced& fenced);
  void give_up();
  void ask_for_life();

private:
  void enter(core::worker_phase phase);
  void spawn_producers();
  void spawn_transactional_producers();
  void spawn_transformers();
  void spawn_group_consumer();
  template <class Actor>
  void watch(const Actor& actor, const char* what);
  void end_everyone();
  void begin_stop(std::chrono::milliseconds deadline);

  self_ptr self_;
  worker_args args_;
  core::worker_phase phase_ = core::worker_phase::running;
  int exit_code_ = 0;

  messages::error_router_actor error_router_;
  std::vector<messages::producer_actor> producers_;
  std::vector<messages::transactional_producer_actor> transactional_;  ///< The same; or none.
  messages::summary_actor summary_;
  std::vector<messages::transformer_actor> transformers_;
  messages::metrics_reporter_actor reporter_;
  messages::group_consumer_actor group_;
};

/// Accepts  tick (from itself) · request_stop · consumption_ended · summary_published ·
///          group_left · actor_ended · consumer_failed · producer_fenced · stop_deadline
/// Sends    end_consumption and leave_group to the group_consumer; publish_last to the summary;
///          report_last to the metrics_reporter; show_life and EXIT to everyone
/// Stops    by itself, after everyone else
messages::worker_actor::behavior_type worker(worker_state::self_ptr self, worker_args args);

}  // namespace turnstile::actors
