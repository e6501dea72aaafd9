#include "actors/producer.hpp"

#include <algorithm>
#include <utility>

#include "core/crash_point.hpp"

namespace turnstile::actors {

using namespace messages;
using kafka_io::delivery_status;

namespace {

/// How long a client with a fatal error may take to tell what became of its records.
constexpr std::chrono::seconds purge_after{10};

/// librdkafka empties its queue at a fatal error, but requests that are answered afterwards go back
/// into it.
constexpr std::chrono::milliseconds purge_interval{50};

/// For the limit of a topic that refused a request for its size.
constexpr std::chrono::seconds limits_timeout{1};

/// Whether what happened is told where it happened, and no fault of the client.
bool is_refusal(kafka_io::error_kind kind) {
  return kind == kafka_io::error_kind::refused_in_stream ||
         kind == kafka_io::error_kind::message_too_large;
}

}  // namespace

producer_state::~producer_state() {
  if (client_) client_->wake_with(nullptr);
  // librdkafka sends from the batches' memory: it goes first.
  client_.reset();
  careful_client_.reset();
}

void producer_state::start(producer_args args) {
  args_ = std::move(args);
  standstills_ = standstill_log{args_.topics};
  open_client();
  note_waiting();
}

steady_time producer_state::now() const { return self_->clock().now(); }

void producer_state::open_client() {
  client_ = make_client(kafka_io::sending::in_stream);
  tell(handle_of<producer_actor>(self_), wake{});
}

std::unique_ptr<kafka_io::delivery_client> producer_state::make_client(kafka_io::sending how) {
  auto client = args_.make_client(how);
  client->wake_with([me = handle_of<producer_actor>(self_)] { tell(me, wake{}); });
  return client;
}

kafka_io::delivery_client& producer_state::client_for(const delivery_lane& lane) {
  if (!lane.is_careful()) return *client_;
  if (!careful_client_) careful_client_ = make_client(kafka_io::sending::carefully);
  return *careful_client_;
}

std::optional<kafka_io::io_error> producer_state::fatal_error() const {
  auto error = client_->fatal_error();
  return error || !careful_client_ ? error : careful_client_->fatal_error();
}

void producer_state::accept(transformed_batch& arrived) {
  const core::busy_time busy{args_.figures->busy_us};
  const auto source = arrived.batch->source;
  if (closed_.contain(source)) return;
  auto& lane = lanes_[source];
  if (!lane) lane = std::make_unique<delivery_lane>(source, args_.backoff, lane_figures());
  lane->add(std::move(arrived));
  serve(*lane);
}

delivery_lane::shared_figures producer_state::lane_figures() const {
  return {args_.figures->queued, args_.figures->possible_repeats};
}

void producer_state::take_deliveries() {
  const core::busy_time busy{args_.figures->busy_us};
  deliveries_.clear();
  bool more = client_->poll(deliveries_);
  if (careful_client_) more |= careful_client_->poll(deliveries_);
  bool in_doubt = false;
  for (const auto& delivery : deliveries_) {
    auto& slot = *static_cast<delivery_slot*>(delivery.slot);
    auto& lane = *slot.in->lane;
    count_delivery(delivery.status, *args_.figures);
    in_doubt |= delivery.status == delivery_status::failed;
    lane.take_delivery(delivery, board_, now());
    --under_way_;
    if (touched_.empty() || touched_.back() != &lane) touched_.push_back(&lane);
  }
  if (in_doubt)
    for (const auto& [source, lane] : lanes_) lane->doubt_under_way();
  if (!deliveries_.empty()) core::crash_point("after_produce");
  if (replacing_ || fatal_error()) replace_client_once_quiet();
  serve_touched();
  if (more) tell(handle_of<producer_actor>(self_), wake{});
}

void producer_state::serve_touched() {
  std::ranges::sort(touched_, {}, &delivery_lane::source);
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  // Those that wait go first, else whoever got deliveries would take the room again and again.
  if (some_wait_) serve_waiting();
  for (auto* lane : touched_) serve(*lane);
  touched_.clear();
}

/// Everything a lane may need after something happened to it. May erase the lane.
void producer_state::serve(delivery_lane& lane) {
  if (lane.closed()) {
    if (lane.under_way() == 0) lanes_.erase(lane.source());
    return;
  }
  answer_finished(lane);
  if (lane.phase() == lane_phase::settling && lane.under_way() == 0 && !replacing_) settle(lane);
  if (replacing_ || !lane.may_send()) return;
  core::crash_point("before_produce");
  const auto report = lane.send(client_for(lane), board_, now());
  under_way_ += report.sent;
  args_.figures->sent.add(static_cast<std::int64_t>(report.sent));
  some_wait_ |= report.waits;
  if (report.waits && report.sent > 0) took_room_ = lane.source();
  if (lane.asks_for_repair()) ask_for_repair(lane);
  // A record that librdkafka refused at once needs no delivery to settle.
  if (lane.phase() == lane_phase::settling && lane.under_way() == 0) settle(lane);
}

/// In turn, beginning behind the lane that took the last room.
void producer_state::serve_waiting() {
  some_wait_ = false;
  auto at = lanes_.upper_bound(took_room_);
  for (std::size_t n = lanes_.size(); n > 0; --n, ++at) {
    if (at == lanes_.end()) at = lanes_.begin();
    if (at->second->may_send()) serve(*at->second);
  }
}

void producer_state::settle(delivery_lane& lane) {
  lane.plan_repetition(now());
  note_waiting();
  if (lane.asks_for_repair()) {
    ask_for_repair(lane);
  } else if (lane.phase() == lane_phase::pausing) {
    args_.figures->retries.add(1);
    standstills_.waits(lane, client_->error_text(lane.last_error()), now());
    layout_question_.ask(*args_.lookup, now(), handle_of<producer_actor>(self_));
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(lane.pause_ends() - now());
    tell_after(handle_of<producer_actor>(self_), wait, retry_tick{});
  }
}

void producer_state::ask_for_repair(delivery_lane& lane) {
  tell(args_.error_router, repair_request(lane, *client_, handle_of<producer_actor>(self_)));
}

void producer_state::take_repaired(const repaired_records& repaired) {
  const core::busy_time busy{args_.figures->busy_us};
  const auto lane = lanes_.find(repaired.batch->source);
  if (lane == lanes_.end() || lane->second->closed()) return;
  lane->second->take_repaired();
  if (lane->second->asks_for_repair()) return ask_for_repair(*lane->second);
  note_waiting();
  serve(*lane->second);
}

void producer_state::answer_finished(delivery_lane& lane) {
  log_left_out(lane, args_.topics);
  for (auto& finished : lane.take_finished()) {
    const auto took = now() - finished->began;
    args_.figures->acknowledgement.record(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
        static_cast<std::int64_t>(finished->slots.size()));
    standstills_.finished(lane.source(), finished->batch->seq, now());
    tell(finished->owner, batch_done{std::move(finished->batch)});
  }
}

void producer_state::close_lane(core::partition_epoch source) {
  closed_.note(source);
  const auto lane = lanes_.find(source);
  if (lane == lanes_.end()) return;
  standstills_.closed(source, now());
  lane->second->close();
  serve(*lane->second);
  if (some_wait_) serve_waiting();
  note_waiting();
}

void producer_state::retry_paused() {
  const core::busy_time busy{args_.figures->busy_us};
  looks_again_ = false;
  // A fatal error with nothing under way need not wake anyone.
  if (replacing_ || fatal_error()) replace_client_once_quiet();
  for (auto& [source, lane] : lanes_) {
    if (lane->phase() != lane_phase::pausing) continue;
    lane->resume(now());
    if (lane->may_send()) touched_.push_back(lane.get());
  }
  serve_touched();
  note_waiting();
}

void producer_state::take_layout(const layout_described& described) {
  limits_until_ = {};
  for (auto& [source, lane] : lanes_)
    if (lane->phase() == lane_phase::pausing) lane->go_by(described.layout);
}

/// What became of the records that are under way is still to come; only then may they be sent
/// again.
void producer_state::replace_client_once_quiet() {
  if (!replacing_) begin_replacement(*fatal_error());
  if (under_way_ > 0) {
    for (auto* client : {client_.get(), careful_client_.get()})
      if (client != nullptr) now() >= purge_at_ ? client->purge() : client->purge_queued();
    return look_again_soon();
  }
  if (now() < limits_until_) return look_again_soon();
  client_->wake_with(nullptr);
  if (careful_client_) careful_client_->wake_with(nullptr);
  client_.reset();
  careful_client_.reset();
  open_client();
  replacing_ = false;
  note_waiting();
  args_.figures->rebuilds.add(1);
  core::log_info("producer replaced", {{"producer", args_.index}});
  for (auto& [source, lane] : lanes_) touched_.push_back(lane.get());
}

void producer_state::begin_replacement(const kafka_io::io_error& why) {
  replacing_ = true;
  args_.figures->phase.set(core::producer_phase::replacing);
  purge_at_ = now() + purge_after;
  // The next client's requests shall fit at once, where the limit may be read.
  if (why.code.kind() == kafka_io::error_kind::message_too_large &&
      layout_question_.ask(*args_.lookup, now(), handle_of<producer_actor>(self_)))
    limits_until_ = now() + limits_timeout;
  if (is_refusal(why.code.kind()))
    core::log_info("producer is replaced after a refusal",
                   {{"producer", args_.index}, {"error", why.text}, {"under_way", under_way_}});
  else
    core::log_warning("producer failed and will be replaced",
                      {{"producer", args_.index}, {"error", why.text}, {"under_way", under_way_}});
}

void producer_state::look_again_soon() {
  if (std::exchange(looks_again_, true)) return;
  tell_after(handle_of<producer_actor>(self_), purge_interval, retry_tick{});
}

void producer_state::note_waiting() {
  const auto waiting = std::count_if(lanes_.begin(), lanes_.end(), [](const auto& entry) {
    return !entry.second->closed() && entry.second->phase() != lane_phase::streaming;
  });
  args_.figures->waiting.set(waiting);
  args_.figures->phase.set(replacing_    ? core::producer_phase::replacing
                           : waiting > 0 ? core::producer_phase::waiting
                                         : core::producer_phase::sending);
}

producer_actor::behavior_type producer(producer_state::self_ptr self, producer_args args) {
  log_exceptions(self);
  auto& state = state_of(self);
  state.start(std::move(args));
  return {
      [&state](transformed_batch& arrived) { state.accept(arrived); },
      [&state](const repaired_records& repaired) { state.take_repaired(repaired); },
      [&state](const wake&) { state.take_deliveries(); },
      [&state](const messages::close_lane& close) { state.close_lane(close.source); },
      [&state](const retry_tick&) { state.retry_paused(); },
      [&state](const layout_described& described) { state.take_layout(described); },
      [&state](const show_life&) { state.show_life(); },
  };
}

}  // namespace turnstile::actors
