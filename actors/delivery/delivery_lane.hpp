// The delivery of one source's outputs, a partition's or the summary's, in order into each topic,
// until each is acknowledged.
//
// Owned by one producer actor, called on it alone. Holds every batch until it and all before it are
// acknowledged. While all goes well it streams; once a delivery fails it lets what is under way
// settle, then sends again from the first unacknowledged record on. A record that the broker
// refuses for its own sake goes to the error_router instead, once it has been refused alone.
#pragma once

#include <array>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "actors/delivery/refusal_rules.hpp"
#include "actors/delivery/refusal_search.hpp"
#include "core/figures.hpp"
#include "core/in_order.hpp"
#include "kafka_io/io.hpp"
#include "messages/messages.hpp"

namespace turnstile::actors {

class delivery_lane;

using steady_time = std::chrono::steady_clock::time_point;

/// What the lanes of a producer share: how many records are under way to each output partition,
/// which lane has one of them to itself, and what was learned of refusals.
class target_board {
public:
  struct target {
    std::size_t under_way = 0;
    const delivery_lane* reserved_by = nullptr;
  };

  target& at(core::output_topic topic, std::int32_t partition) {
    auto& all = targets_[static_cast<std::size_t>(topic)];
    const auto i = static_cast<std::size_t>(partition);
    if (i >= all.size()) all.resize(i + 1);
    return all[i];
  }

  /// Forgets what is under way, not what was learned.
  void clear() {
    for (auto& all : targets_) all.clear();
  }

  refusal_rules rules;

private:
  /// Deques: a lane keeps the address of the target it has reserved while others are added.
  std::array<std::deque<target>, core::output_topic_count> targets_;
};

/// One output's delivery; its address is the `slot` of kafka_io::delivery.
struct delivery_slot {
  enum class phase : std::uint8_t { waiting, under_way, delivered, refused, left_out };

  struct lane_batch* in = nullptr;
  std::uint32_t output = 0;     ///< Its index in the batch.
  std::int32_t partition = -1;  ///< Of the output topic.
  std::uint16_t attempts = 0;
  kafka_io::error_code refused_for;  ///< With its request, or alone.
  phase at = phase::waiting;
  bool cleared = false;        ///< A broker has taken it before: it is no suspect.
  bool alone = false;          ///< Of a request that was refused it is the likely one to blame.
  bool maybe_written = false;  ///< An earlier attempt may be in the topic.
};

struct lane_batch {
  delivery_lane* lane = nullptr;
  core::batch_ptr batch;
  messages::batch_owner owner;
  std::vector<delivery_slot> slots;  ///< In the order of sending: topic by topic.
  std::size_t open = 0;              ///< Slots not delivered.
  std::uint64_t held_against = 0;    ///< The version of the refusal_rules it was held against.
  steady_time began{};

  [[nodiscard]] core::output_record& record_of(const delivery_slot& slot) const {
    return batch->outputs[slot.output];
  }
};

struct backoff_limits {
  std::chrono::milliseconds first;
  std::chrono::milliseconds max;
};

///   streaming ──(a delivery failed)──▶ settling ──(nothing under way)──▶ pausing ──▶ streaming
///     │ ▲                                 │ (a record was refused alone)
///     │ └──── (records repaired) ──── repairing ◀┘
///     └──(refused for certain)────────────▲
enum class lane_phase : std::uint8_t { streaming, settling, pausing, repairing };

class delivery_lane {
public:
  /// Of all lanes of a producer together.
  struct shared_figures {
    core::figure& held;              ///< Records that are not acknowledged.
    core::figure& possible_repeats;  ///< Deliveries of what may have been written before.
  };

  delivery_lane(core::batch_source source, backoff_limits backoff, shared_figures figures)
    : source_(source), backoff_(backoff), figures_(figures), pause_(backoff.first) {}
  delivery_lane(const delivery_lane&) = delete;
  delivery_lane& operator=(const delivery_lane&) = delete;

  [[nodiscard]] core::batch_source source() const { return source_; }
  [[nodiscard]] lane_phase phase() const { return phase_; }
  [[nodiscard]] std::size_t under_way() const { return under_way_; }
  [[nodiscard]] steady_time pause_ends() const { return pause_ends_; }

  void add(messages::transformed_batch arrived);

  /// The same, where a transaction is open: what it does not take of that which has its turn now,
  /// and all behind it, is held back.
  void add(messages::transformed_batch arrived,
           const std::function<bool(const core::record_batch&)>& takes);

  struct send_report {
    std::size_t sent = 0;
    bool waits = false;  ///< For room in librdkafka or on the target: call again after deliveries.
  };
  /// Sends what may be sent now.
  send_report send(kafka_io::delivery_client& client, target_board& board, steady_time now);

  /// REQUIRES: its slot belongs to this lane and is under way.
  void take_delivery(const kafka_io::delivery& delivery, target_board& board, steady_time now);

  /// What is under way may be written twice, though it is delivered once: a delivery failed, and
  /// librdkafka may go on as a new producer, to whom the broker denies no repetition.
  void doubt_under_way();

  /// Batches whose outputs, and those of all batches before, are acknowledged.
  [[nodiscard]] std::vector<std::unique_ptr<lane_batch>> take_finished();

  /// REQUIRES: settling, nothing under way. Chooses what is sent again and what comes next:
  /// streaming, pausing (until pause_ends) or repairing.
  void plan_repetition(steady_time now);

  /// Ends a pause that is over.
  void resume(steady_time now);

  struct refused_slots {
    struct slot {
      std::size_t index = 0;
      std::uint32_t attempts = 0;
      kafka_io::error_code code;
    };
    core::batch_ptr batch;
    std::vector<slot> slots;
  };
  /// For the error_router. REQUIRES: repairing.
  [[nodiscard]] refused_slots refused() const;
  /// Whether the next records go in groups, one at a time: by a client of the kind `carefully`.
  [[nodiscard]] bool is_careful() const { return search_.on(); }
  /// Summaries that were too large for their topic since the last call: they are left out.
  [[nodiscard]] std::size_t take_left_out() { return std::exchange(left_out_, 0); }
  /// True once for each repair, which the caller asks for then: asked twice, records would be
  /// rewritten while librdkafka sends them.
  [[nodiscard]] bool asks_for_repair() {
    return phase_ == lane_phase::repairing && !std::exchange(repair_asked_, true);
  }
  void take_repaired();

  /// What is sent from now on goes by `layout`, where it has fewer partitions of a topic than what
  /// a batch here goes by. REQUIRES: pausing, or a transaction holds what is under way: else what
  /// goes to a new place might overtake what fails at the old one.
  void go_by(const std::shared_ptr<const core::topic_layout>& layout);

  /// Everything goes again from the start, in order: the transaction was aborted, or the client is
  /// gone. Streaming afterwards, or repairing. REQUIRES: no delivery will come for what was sent.
  void restart();

  /// Keeps all batches out of the transaction, until each is taken in. REQUIRES: restarted.
  void hold_back() {
    assert(under_way_ == 0 && cursor_.batch == 0 && cursor_.slot == 0);
    held_back_ = batches_.size();
  }
  [[nodiscard]] std::size_t held_back() const { return held_back_; }
  /// REQUIRES: there is one.
  [[nodiscard]] const core::record_batch& first_held_back() const {
    assert(held_back_ > 0);
    return *batches_[batches_.size() - held_back_]->batch;
  }
  void take_in() {
    assert(held_back_ > 0);
    --held_back_;
  }

  /// Where the last batch that is not held back ends; nothing where there is none.
  [[nodiscard]] std::optional<std::int64_t> end_offset() const;

  /// Forgets what was not sent; afterwards the lane only waits for what is under way.
  void close();
  [[nodiscard]] bool closed() const { return closed_; }

  [[nodiscard]] bool may_send() const {
    return !closed_ && phase_ == lane_phase::streaming &&
           cursor_.batch + held_back_ < batches_.size();
  }
  /// Whether what went wrong may pass with time.
  [[nodiscard]] bool wants_pause() const { return pause_wanted_; }
  [[nodiscard]] kafka_io::error_code last_error() const { return last_error_; }
  struct place {
    core::output_topic topic{};
    std::uint64_t seq = 0;  ///< Of the batch.
  };
  /// Of the record that failed last.
  [[nodiscard]] place failed_at() const { return failed_at_; }
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }

private:
  struct position {
    std::size_t batch = 0;
    std::size_t slot = 0;
  };
  enum class step : std::uint8_t { sent, wait, stop };
  using target_key = std::pair<core::output_topic, std::int32_t>;

  [[nodiscard]] target_key target_of(const delivery_slot& slot) const;
  [[nodiscard]] const core::topic_layout& layout_for(const lane_batch& entry) const;

  step send_one(delivery_slot& slot, kafka_io::delivery_client& client, target_board& board,
                steady_time now);
  [[nodiscard]] std::optional<step> held_up(const delivery_slot& slot, bool alone,
                                            std::size_t request_bytes,
                                            target_board::target& target);
  void fail(const delivery_slot& slot, kafka_io::error_code code);
  void leave_out(delivery_slot& slot);
  void take_failure(delivery_slot& slot, const kafka_io::delivery& delivery, refusal_rules& rules,
                    steady_time now);
  void refuse(delivery_slot& slot, kafka_io::error_code code, refusal_rules& rules,
              steady_time now);
  bool hold_against(const refusal_rules& rules, lane_batch& entry, steady_time now);
  void single_out();
  void release();
  void send_again(delivery_slot& slot);
  void note_held(std::int64_t more);
  [[nodiscard]] bool before_cursor(std::size_t batch, std::size_t slot) const {
    return batch < cursor_.batch || (batch == cursor_.batch && slot < cursor_.slot);
  }

  core::batch_source source_;
  backoff_limits backoff_;
  shared_figures figures_;
  std::int64_t held_here_ = 0;  ///< This lane's part of it.
  core::in_order<messages::transformed_batch> arrivals_;
  std::deque<std::unique_ptr<lane_batch>> batches_;
  std::size_t held_back_ = 0;                         ///< So many of the last.
  position cursor_;                                   ///< The next slot to look at.
  std::shared_ptr<const core::topic_layout> layout_;  ///< In place of the batches' own; or null.
  std::size_t under_way_ = 0;
  lane_phase phase_ = lane_phase::streaming;
  bool closed_ = false;

  bool pause_wanted_ = false;
  std::chrono::milliseconds pause_;
  steady_time pause_ends_{};
  std::uint32_t attempts_ = 0;  ///< Repetitions since the last delivery.
  kafka_io::error_code last_error_;
  place failed_at_;
  bool accuses_ = false;  ///< A request was refused, and nothing is known of whose fault it is.
  bool repair_asked_ = false;  ///< And not answered yet.
  target_board::target* reserved_ = nullptr;
  refusal_search search_;
  std::size_t left_out_ = 0;
};

void count_delivery(kafka_io::delivery_status status, core::producer_figures& figures);

/// What the error_router is asked for a lane that is repairing.
[[nodiscard]] messages::refused_records repair_request(const delivery_lane& lane,
                                                       const kafka_io::delivery_client& client,
                                                       messages::repair_sink reply_to);

}  // namespace turnstile::actors
