#include "actors/transactional_producer.hpp"

#include <algorithm>
#include <utility>

#include "core/crash_point.hpp"

namespace turnstile::actors {

using namespace messages;
using kafka_io::delivery_status;

namespace {

std::int64_t microseconds_between(steady_time from, steady_time to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

}  // namespace

transactional_producer_state::~transactional_producer_state() {
  // librdkafka sends from the batches' memory: it goes first.
  if (client_) close_client();
}

void transactional_producer_state::start(transactional_producer_args args) {
  args_ = std::move(args);
  transaction_.emplace(args_.limits, args_.backoff);
  failures_ = failure_log{args_.index, args_.topics};
  open_client();
  go_on();
}

transactional_producer_actor transactional_producer_state::me() const {
  return handle_of<transactional_producer_actor>(self_);
}

void transactional_producer_state::open_client() {
  client_ = args_.make_client(args_.index);
  ++client_number_;
  client_->wake_with([to = me()] { tell(to, wake{}); });
  client_->answer_with([to = me(), number = client_number_](kafka_io::transaction_answer answer) {
    tell(to, transaction_answered{number, std::move(answer)});
  });
}

void transactional_producer_state::close_client() {
  client_->wake_with(nullptr);
  client_->answer_with(nullptr);
  client_.reset();
}

void transactional_producer_state::accept(transformed_batch& arrived) {
  const core::busy_time busy{args_.figures->busy_us};
  args_.figures->queued.add(static_cast<std::int64_t>(arrived.batch->outputs.size()));
  waiting_.push_back(std::move(arrived));
  go_on();
}

void transactional_producer_state::serve(delivery_lane& lane) {
  if (!transaction_->sends() || !lane.may_send()) return;
  core::crash_point("before_produce");
  const auto report = lane.send(*client_, board_, now());
  under_way_ += report.sent;
  args_.figures->sent.add(static_cast<std::int64_t>(report.sent));
  some_wait_ |= report.waits;
  if (report.waits && report.sent > 0) took_room_ = lane.source();
  if (report.sent > 0) core::crash_point("mid_transaction");
  if (lane.phase() == lane_phase::settling) note_failure(lane, lane.last_error());
  if (lane.asks_for_repair()) tell(args_.error_router, repair_request(lane, *client_, me()));
}

void transactional_producer_state::note_failure(const delivery_lane& lane,
                                                kafka_io::error_code code) {
  const bool wait = lane.wants_pause();
  if (!transaction_->fail(wait ? transaction_fault::passing : transaction_fault::refused)) return;
  failures_.note(lane, code, client_->error_text(code));
  if (wait) layout_question_.ask(*args_.lookup, now(), me());
}

/// In turn, beginning behind the lane that took the last room.
void transactional_producer_state::serve_waiting() {
  some_wait_ = false;
  auto at = lanes_.upper_bound(took_room_);
  for (std::size_t n = lanes_.size(); n > 0; --n, ++at) {
    if (at == lanes_.end()) at = lanes_.begin();
    serve(*at->second);
  }
}

bool transactional_producer_state::all_sent() const {
  return std::none_of(lanes_.begin(), lanes_.end(), [](const auto& entry) {
    const auto& lane = *entry.second;
    return !lane.closed() && (lane.may_send() || lane.phase() == lane_phase::repairing);
  });
}

void transactional_producer_state::take_deliveries() {
  const core::busy_time busy{args_.figures->busy_us};
  deliveries_.clear();
  const bool more = client_->poll(deliveries_);
  for (const auto& delivery : deliveries_) {
    auto& slot = *static_cast<delivery_slot*>(delivery.slot);
    auto& lane = *slot.in->lane;
    count_delivery(delivery.status, *args_.figures);
    lane.take_delivery(delivery, board_, now());
    --under_way_;
    if (delivery.status != delivery_status::delivered) note_failure(lane, delivery.code);
  }
  if (!deliveries_.empty()) core::crash_point("after_produce");
  if (const auto error = client_->fatal_error()) {
    failures_.note(*error);
    refused_for_size_ = error->code.kind() == kafka_io::error_kind::message_too_large;
    // The next client's requests shall fit at once, where the limit may be read.
    if (refused_for_size_) layout_question_.ask(*args_.lookup, now(), me());
    transaction_->break_client(*error, now());
  }
  if (more) tell(me(), wake{});
  go_on();
}

void transactional_producer_state::take_repaired(const repaired_records& repaired) {
  const auto found = lanes_.find(repaired.batch->source);
  if (found == lanes_.end() || found->second->closed()) return;
  auto& lane = *found->second;
  lane.take_repaired();
  if (lane.asks_for_repair()) tell(args_.error_router, repair_request(lane, *client_, me()));
  serve(lane);
  go_on();
}

void transactional_producer_state::close_lane(core::partition_epoch source) {
  closed_.note(source);
  const auto found = lanes_.find(source);
  if (found == lanes_.end()) return;
  auto& lane = *found->second;
  const bool has_part = lane.end_offset().has_value();
  lane.close();
  if (!has_part || (lane.under_way() == 0 && !transaction_->holds_records())) {
    lanes_.erase(found);
  } else {
    // Part of it is written, and its offsets may be in already: not to be committed.
    if (transaction_->fail(transaction_fault::given_back))
      failures_.note("partition " + std::to_string(source.partition) + " was given back");
  }
  go_on();
}

void transactional_producer_state::renew_membership(kafka_io::membership member) {
  member_ = std::move(member);
  transaction_->renew_membership();
  go_on();
}

/// After everything that happened: takes batches, and all steps that can be taken.
void transactional_producer_state::go_on() {
  while (true) {
    if (some_wait_ && transaction_->sends()) serve_waiting();
    take_waiting();
    const auto at = now();
    const bool sent = transaction_->due(at) && all_sent();
    const auto step =
        transaction_->next({.now = at, .all_sent = sent, .all_delivered = under_way_ == 0});
    if (step == transaction_step::nothing) break;
    carry_out(step);
  }
  args_.figures->waiting.set(transaction_->phase() == transaction_phase::pausing
                                 ? static_cast<std::int64_t>(lanes_.size())
                                 : 0);
  args_.figures->phase.set(figure_of(transaction_->phase()));
  arm_timer();
}

void transactional_producer_state::arm_timer() {
  const auto at = transaction_->wakes_at();
  if (at == armed_for_) return;
  armed_for_ = at;
  if (!at) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::max(*at, now()) - now());
  tell_after(me(), wait, retry_tick{});
}

void transactional_producer_state::carry_out(transaction_step step) {
  switch (step) {
    case transaction_step::nothing:
    case transaction_step::resume:
      return;
    case transaction_step::open:
      return client_->open();
    case transaction_step::send_offsets:
      return send_offsets();
    case transaction_step::commit:
      core::crash_point("between_send_offsets_and_commit");
      return client_->commit();
    case transaction_step::abort:
      return abort();
    case transaction_step::finish:
      return finish();
    case transaction_step::replay:
      return replay();
    case transaction_step::replace:
      return replace();
    case transaction_step::resolve:
      return ask_for_outcome();
    case transaction_step::leave:
      return leave();
  }
}

void transactional_producer_state::send_offsets() {
  std::vector<kafka_io::partition_offset> offsets;
  for (const auto& [source, lane] : lanes_)
    if (const auto end = lane->end_offset(); end && !source.is_summary() && !lane->closed())
      offsets.push_back({source.assignment().partition, *end});
  // A summary alone has none.
  if (offsets.empty()) return transaction_->answer({}, now());
  client_->send_offsets(std::move(offsets), member_);
}

void transactional_producer_state::abort() {
  args_.figures->aborts.add(1);
  client_->abort();
}

void transactional_producer_state::take_answer(const transaction_answered& answered) {
  if (answered.client != client_number_) return;
  // That some delivery failed is why other calls fail too: the log names the first failure.
  if (answered.answer && (answered.answer->kind == kafka_io::transaction_failure::fatal ||
                          !transaction_->will_abort()))
    failures_.note(answered.answer->error);
  transaction_->answer(answered.answer, now());
  go_on();
}

void transactional_producer_state::finish() {
  core::crash_point("after_transaction_commit");
  failures_.committed(now());
  args_.figures->commits.add(1);
  args_.figures->last_commit_ms.set(core::wall_clock_ms());
  args_.figures->transaction.record(microseconds_between(transaction_->opened_at(), now()), 1);
  args_.figures->commit.record(microseconds_between(transaction_->closed_at(), now()), 1);
  for (auto at = lanes_.begin(); at != lanes_.end();) {
    log_left_out(*at->second, args_.topics);
    for (auto& finished : at->second->take_finished()) {
      args_.figures->acknowledgement.record(microseconds_between(finished->began, now()),
                                            static_cast<std::int64_t>(finished->slots.size()));
      tell(finished->owner, batch_done{std::move(finished->batch)});
    }
    at = at->second->closed() ? lanes_.erase(at) : std::next(at);
  }
}

void transactional_producer_state::replay() {
  args_.figures->retries.add(1);
  // That was told where it was learned.
  if (!refused_for_size_)
    failures_.aborted(client_->abort_reason(), transaction_->attempts(), now());
  restart_lanes();
  some_wait_ = true;
}

/// REQUIRES: no delivery will come for what was sent.
void transactional_producer_state::restart_lanes() {
  std::erase_if(lanes_, [](const auto& entry) { return entry.second->closed(); });
  for (auto& [source, lane] : lanes_) {
    lane->restart();
    lane->hold_back();
    if (lane->asks_for_repair()) tell(args_.error_router, repair_request(*lane, *client_, me()));
  }
  transaction_->take_out();
  some_held_back_ = true;
  board_.clear();
  under_way_ = 0;
}

void transactional_producer_state::replace() {
  if (std::exchange(refused_for_size_, false))
    core::log_info("producer is replaced after a refusal",
                   {{"producer", args_.index}, {"error", failures_.error()}});
  else
    core::log_warning("producer failed and is replaced",
                      {{"producer", args_.index},
                       {"transactional_id", client_->transactional_id()},
                       {"error", failures_.error()},
                       {"advice", failures_.advice()},
                       {"commit_in_doubt", transaction_->in_doubt() ? "yes" : "no"}});
  args_.figures->rebuilds.add(1);
  close_client();
  open_client();
  // Those in doubt are delivered, all of them; whether they are committed is found out.
  if (!transaction_->in_doubt()) restart_lanes();
  client_->open();
  some_wait_ = true;
}

/// The committed offsets say it: they were part of the transaction. Opening the new client has
/// ended that one, and whoever asks waits for offsets of transactions that are not ended.
void transactional_producer_state::ask_for_outcome() {
  std::vector<std::int32_t> partitions;
  for (const auto& [source, lane] : lanes_)
    if (!source.is_summary() && !lane->closed())
      partitions.push_back(source.assignment().partition);
  if (partitions.empty()) return transaction_->resolve(false);
  args_.lookup->describe(
      std::move(partitions),
      [to = me(), ticket = ++outcome_ticket_](std::optional<kafka_io::assignment_facts> facts) {
        tell(to, assignment_described{ticket, std::move(facts)});
      });
}

void transactional_producer_state::take_outcome(const assignment_described& described) {
  if (described.ticket != outcome_ticket_) return;
  if (!described.facts) return ask_for_outcome();
  const auto is_end_of_its_lane = [this](const kafka_io::partition_offset& committed) {
    return std::any_of(lanes_.begin(), lanes_.end(), [&](const auto& entry) {
      return entry.first.partition() == committed.partition && !entry.second->closed() &&
             entry.second->end_offset() == committed.offset;
    });
  };
  const bool done = std::ranges::any_of(described.facts->committed, is_end_of_its_lane);
  core::log_info("transaction in doubt resolved",
                 {{"producer", args_.index}, {"outcome", done ? "committed" : "aborted"}});
  transaction_->resolve(done);
  go_on();
}

/// What is under way may stay where it goes: where a part of it fails, all of it goes again.
void transactional_producer_state::take_layout(const layout_described& described) {
  for (auto& [source, lane] : lanes_) lane->go_by(described.layout);
}

void transactional_producer_state::leave() {
  core::log_error(
      "fenced: another worker writes with our transactional.id; give each worker a "
      "workers.id of its own",
      {{"transactional_id", client_->transactional_id()}});
  tell(args_.worker, producer_fenced{client_->transactional_id()});
}

transactional_producer_actor::behavior_type transactional_producer(
    transactional_producer_state::self_ptr self, transactional_producer_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](transformed_batch& arrived) { state.accept(arrived); },
      [&state](const repaired_records& repaired) { state.take_repaired(repaired); },
      [&state](const wake&) { state.take_deliveries(); },
      [&state](const messages::close_lane& close) { state.close_lane(close.source); },
      [&state](const retry_tick&) { state.take_deliveries(); },
      [&state](const layout_described& described) { state.take_layout(described); },
      [&state](const show_life&) { state.show_life(); },
      [&state](const transaction_answered& answered) { state.take_answer(answered); },
      [&state](const assignment_described& described) { state.take_outcome(described); },
      [&state](const membership_changed& changed) { state.renew_membership(changed.member); },
      [&state](const messages::commit_soon& soon) { state.commit_soon(soon.on); },
  };
}

}  // namespace turnstile::actors
