#include "actors/worker.hpp"

#include <algorithm>
#include <utility>

#include "core/exit_codes.hpp"
#include "core/log.hpp"
#include "event/error_record.hpp"
#include "event/plan.hpp"

namespace turnstile::actors {

using namespace messages;
using core::worker_phase;
using std::chrono::milliseconds;

namespace {

/// After a death much may never be acknowledged: what can be saved is saved within this time.
/// Longer than a drain, so that the group is left and others take over at once.
constexpr milliseconds stop_after_death{10000};

/// Of the stop's time, what remains for the last commit, the last summary and leaving the group.
constexpr milliseconds leaving_reserve{5000};

/// How often each actor is asked for a sign of life: an idle worker is woken by it.
constexpr milliseconds life_interval{5000};

milliseconds drain_timeout_of(const core::settings& settings) {
  const milliseconds stop{settings.shutdown.timeout_ms};
  return std::min(milliseconds{settings.drain.timeout_ms},
                  std::max(stop / 2, stop - leaving_reserve));
}

}  // namespace

worker_state::~worker_state() {
  if (!args_.ended || phase_ == worker_phase::ended) return;
  core::log_error("worker died");
  end_everyone();
  args_.ended(exit_internal);
}

void worker_state::enter(worker_phase phase) {
  phase_ = phase;
  args_.figures->worker->phase.set(phase);
}

void worker_state::start(worker_args args) {
  args_ = std::move(args);
  enter(worker_phase::running);
  const auto me = handle_of<worker_actor>(self_);
  const auto& settings = *args_.settings;
  error_router_ = self_->spawn(
      error_router,
      error_router_args{
          .worker_id = args_.worker_id,
          .origin_value_bytes = core::origin_bytes(settings.topics.input.size()),
          .foreign = {settings.errors.header_style, settings.topics.input, settings.kafka.group},
          .figures = args_.figures->error_router,
          .now_s = args_.now_s,
      });
  watch(error_router_, error_router_state::name);
  if (core::exactly_once(settings))
    spawn_transactional_producers();
  else
    spawn_producers();
  summary_ = self_->spawn(summary, summary_args{
                                       .worker_id = args_.worker_id,
                                       .input_topic = settings.topics.input,
                                       .every = settings.summary.every,
                                       .distinct_values_max = settings.summary.distinct_values_max,
                                       .counted = event::counted_names(settings.event),
                                       .producer = producers_.front(),
                                       .worker = me,
                                       .layout = args_.layout,
                                       .figures = args_.figures->summary,
                                       .now_s = args_.now_s,
                                   });
  watch(summary_, summary_state::name);
  spawn_transformers();
  reporter_ =
      self_->spawn(metrics_reporter,
                   metrics_reporter_args{.figures = args_.figures,
                                         .interval = milliseconds{settings.metrics.interval_ms}});
  watch(reporter_, metrics_reporter_state::name);
  spawn_group_consumer();
  ask_for_life();
}

void worker_state::ask_for_life() {
  if (phase_ == worker_phase::ended) return;
  args_.figures->worker->life.note();
  tell(error_router_, show_life{});
  tell(summary_, show_life{});
  tell(reporter_, show_life{});
  tell(group_, show_life{});
  for (const auto& one : transformers_) tell(one, show_life{});
  for (const auto& one : producers_) tell(one, show_life{});
  tell_after(handle_of<worker_actor>(self_), life_interval, tick{});
}

template <class Actor>
void worker_state::watch(const Actor& actor, const char* what) {
  tell_when_ended(actor, handle_of<worker_actor>(self_), actor_ended{what, {}});
}

void worker_state::spawn_producers() {
  const auto& settings = args_.settings->producer;
  const backoff_limits backoff{.first = milliseconds{settings.retry_backoff_ms},
                               .max = milliseconds{settings.retry_backoff_max_ms}};
  for (std::size_t i = 0; i < args_.figures->producers.size(); ++i) {
    producers_.push_back(self_->spawn(producer, producer_args{
                                                    .index = i,
                                                    .make_client = args_.make_delivery_client,
                                                    .lookup = args_.lookup,
                                                    .error_router = error_router_,
                                                    .figures = args_.figures->producers[i],
                                                    .backoff = backoff,
                                                    .topics = core::output_topics(*args_.settings),
                                                }));
    watch(producers_.back(), producer_state::name);
  }
}

void worker_state::spawn_transactional_producers() {
  const auto& settings = *args_.settings;
  const transaction_limits limits{
      .interval = milliseconds{settings.transaction.interval_ms},
      .records_max = static_cast<std::size_t>(settings.transaction.records_max),
      .bytes_max = static_cast<std::size_t>(settings.transaction.bytes_max),
      .timeout = milliseconds{settings.transaction.timeout_ms},
  };
  const backoff_limits backoff{.first = milliseconds{settings.producer.retry_backoff_ms},
                               .max = milliseconds{settings.producer.retry_backoff_max_ms}};
  for (const auto& figures : args_.figures->producers) {
    transactional_.push_back(
        self_->spawn(transactional_producer, transactional_producer_args{
                                                 .index = transactional_.size(),
                                                 .make_client = args_.make_transaction_client,
                                                 .lookup = args_.lookup,
                                                 .error_router = error_router_,
                                                 .worker = handle_of<worker_actor>(self_),
                                                 .figures = figures,
                                                 .limits = limits,
                                                 .backoff = backoff,
                                                 .topics = core::output_topics(settings),
                                             }));
    producers_.push_back(transactional_.back());
    watch(transactional_.back(), transactional_producer_state::name);
  }
}

void worker_state::spawn_transformers() {
  for (const auto& figures : args_.figures->transformers) {
    transformers_.push_back(self_->spawn(transformer, transformer_args{
                                                          .versions = args_.versions,
                                                          .producers = producers_,
                                                          .error_router = error_router_,
                                                          .figures = figures,
                                                          .now_s = args_.now_s,
                                                      }));
    watch(transformers_.back(), transformer_state::name);
  }
}

void worker_state::spawn_group_consumer() {
  const auto& settings = *args_.settings;
  group_ = self_->spawn(
      group_consumer, group_consumer_args{
                          .client = std::move(args_.group_client),
                          .lookup = std::move(args_.lookup),
                          .survey = std::move(args_.survey),
                          .versions = args_.versions,
                          .transformers = transformers_,
                          .producers = producers_,
                          .transactional = transactional_,
                          .summary = summary_,
                          .reporter = reporter_,
                          .worker = handle_of<worker_actor>(self_),
                          .figures = args_.figures->group,
                          .commit_interval = milliseconds{settings.commit.interval_ms},
                          .drain_timeout = drain_timeout_of(settings),
                          .batch_records_max = static_cast<std::size_t>(settings.batch.records_max),
                          .credit_total = args_.credit_total,
                          .credit_is_pooled = args_.credit_is_pooled,
                      });
  watch(group_, group_consumer_state::name);
}

void worker_state::stop(const std::string& cause) {
  if (phase_ != worker_phase::running) return;
  core::log_info("worker stops", {{"cause", cause}});
  begin_stop(milliseconds{args_.settings->shutdown.timeout_ms});
}

void worker_state::begin_stop(milliseconds deadline) {
  enter(worker_phase::draining);
  tell_after(handle_of<worker_actor>(self_), deadline, stop_deadline{});
  tell(group_, end_consumption{});
}

void worker_state::publish_last_summary() {
  if (phase_ != worker_phase::draining) return;
  enter(worker_phase::publishing);
  tell(summary_, publish_last{});
}

void worker_state::leave_group() {
  if (phase_ != worker_phase::publishing) return;
  enter(worker_phase::leaving);
  tell(group_, messages::leave_group{});
}

void worker_state::finish() {
  if (phase_ == worker_phase::ended) return;
  enter(worker_phase::ended);
  end_everyone();
  core::log_info("worker stopped", {{"exit_code", exit_code_}});
  args_.ended(exit_code_);
  self_->quit(caf::exit_reason::user_shutdown);
}

void worker_state::end_everyone() {
  // Where the worker died while it started, some are not there.
  const auto end_one = [](const auto& actor) {
    if (actor) end(actor);
  };
  if (reporter_) tell(reporter_, report_last{});
  end_one(reporter_);
  end_one(group_);
  for (const auto& one : transformers_) end_one(one);
  end_one(error_router_);
  end_one(summary_);
  for (const auto& one : producers_) end_one(one);
}

void worker_state::note_death(const actor_ended& dead) {
  core::log_error("actor died", {{"actor", dead.name}, {"reason", dead.reason}});
  exit_code_ = exit_internal;
  if (phase_ == worker_phase::running)
    begin_stop(std::min(stop_after_death, milliseconds{args_.settings->shutdown.timeout_ms}));
}

void worker_state::note_consumer_failure(const kafka_io::io_error& error) {
  exit_code_ =
      error.code.kind() == kafka_io::error_kind::member_fenced ? exit_fenced : exit_internal;
  stop("consumer failed: " + error.text);
}

/// Whoever has our place writes already: nothing is left to finish, and there is nobody to whom a
/// last summary could be told.
void worker_state::note_fence(const producer_fenced& fenced) {
  if (phase_ >= worker_phase::leaving) return;
  core::log_error("worker stops",
                  {{"cause", "fenced"}, {"transactional_id", fenced.transactional_id}});
  exit_code_ = exit_fenced;
  enter(worker_phase::fenced);
  tell_after(handle_of<worker_actor>(self_), stop_after_death, stop_deadline{});
  tell(group_, messages::leave_group{});
}

void worker_state::give_up() {
  if (phase_ == worker_phase::ended) return;
  core::log_error("stop deadline passed, what is unfinished stays so",
                  {{"waited_for", core::worker_phase_names[static_cast<std::size_t>(phase_)]}});
  if (exit_code_ == 0) exit_code_ = exit_internal;
  finish();
}

worker_actor::behavior_type worker(worker_state::self_ptr self, worker_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](const tick&) { state.ask_for_life(); },
      [&state](const request_stop& stop) { state.stop(stop.cause); },
      [&state](const consumption_ended&) { state.publish_last_summary(); },
      [&state](const summary_published&) { state.leave_group(); },
      [&state](const group_left&) { state.finish(); },
      [&state](const actor_ended& dead) { state.note_death(dead); },
      [&state](const consumer_failed& failed) { state.note_consumer_failure(failed.error); },
      [&state](const producer_fenced& fenced) { state.note_fence(fenced); },
      [&state](const stop_deadline&) { state.give_up(); },
  };
}

}  // namespace turnstile::actors
