// When a producer's transactions begin, end, are aborted and are tried again.
//
// A plain value, owned by one transactional_producer and used on it alone: no Kafka, no actors, no
// clock of its own. It is told what happened, and `next` says what is to be done. Records are sent
// and deliveries counted by the lanes; here is only what concerns all of them.
//
// A commit whose answer never came is in doubt: neither may its batches be sent again, nor may they
// be called finished, before the group's committed offsets were looked at. They are part of the
// transaction, so they tell.
//
// What does not get through within the timeout, over a slow line or against a quota, would not at
// the next attempt either: after each that failed a transaction takes half as much, after each that
// was quick twice as much again.
//
// A transaction that an outage held up is not ended in the moment in which the coordinator is back.
// It may not know the leaders of all partitions yet, and Kafka 4.3.1 then takes them for deleted:
// it ends the transaction without their markers (KAFKA-20734), and what was aborted there is
// committed by the next one. So it is given a second.
//
// All of a transaction is made with one version of rules and keys, so that its readers never see
// half of a switch. Batches of another one end it, and wait for the next.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "actors/delivery/delivery_lane.hpp"
#include "core/figures.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::actors {

/// The options `transaction.*`.
struct transaction_limits {
  std::chrono::milliseconds interval;
  std::size_t records_max;
  std::size_t bytes_max;
  std::chrono::milliseconds timeout;  ///< After which the coordinator aborts by itself.
};

///   opening ──▶ sending ──(due, all sent)──▶ closing ──(offsets in, all delivered)──▶ committing
///      ▲          ▲  │                          │                                      │    │
///      │          │  └──────(failed)──▶ aborting ◀──────────────────(failed)───────────┘    │
///      │          │                        │                                                │
///      │          └─(time, membership)─ pausing ◀──────────(client broken, from any)        │
///      └───────────────────────────────────┘  (resolving: opened again, outcome in doubt)   │
///                 ▲─────────────────────────────────(committed)─────────────────────────────┘
enum class transaction_phase : std::uint8_t {
  opening,
  sending,
  closing,
  committing,
  aborting,
  pausing,
  resolving,
  fenced,
};

/// As the figures tell it.
[[nodiscard]] core::producer_phase figure_of(transaction_phase phase);

/// What the producer is to do now. Those that call the client or the lookup are answered.
enum class transaction_step : std::uint8_t {
  nothing,
  open,          ///< Let the client begin. Answered.
  send_offsets,  ///< Those of all lanes. Answered.
  commit,        ///< Answered.
  abort,         ///< Answered.
  finish,        ///< Committed: the lanes' batches are finished.
  replay,        ///< Not committed: all lanes begin anew.
  resume,        ///< The pause is over: the lanes may send.
  replace,  ///< Make a new client, then open it. Answered. The lanes begin anew, unless in_doubt.
  resolve,  ///< Find out whether the lanes' offsets are the committed ones. By `resolve`.
  leave,    ///< Another producer has our id: write nothing more.
};

/// Why what was sent must not be committed.
enum class transaction_fault : std::uint8_t {
  passing,     ///< Only after a pause is it worth another try.
  refused,     ///< At once, with less: each record that is refused has all of it sent again.
  given_back,  ///< A partition is, and its part is written.
};

/// What the lanes hold, and when.
struct lanes_state {
  steady_time now{};
  bool all_sent = false;
  bool all_delivered = false;
};

class transaction {
public:
  transaction(transaction_limits limits, backoff_limits backoff)
    : limits_(limits), backoff_(backoff), bytes_max_(limits.bytes_max), pause_(backoff.first) {}

  // What happened.

  /// REQUIRES: it takes the generation.
  void add(std::size_t records, std::size_t bytes, steady_time now, std::uint64_t generation = 0);

  /// What was added is taken out, to go into the next one.
  void take_out() {
    records_ = bytes_ = 0;
    generation_.reset();
    other_waits_ = false;
  }

  /// Whether a batch of that generation may be in it with what is there.
  [[nodiscard]] bool takes(std::uint64_t generation) const {
    return generation == 0 || generation_.value_or(generation) == generation;
  }

  /// A batch waits that it does not take: it ends as soon as all that is there is in it.
  void note_other() { other_waits_ = true; }

  /// What was sent must not be committed. True: this is why it is aborted; false: it is already, or
  /// nothing of it counts any more.
  bool fail(transaction_fault why);

  /// The client can do nothing more.
  void break_client(const kafka_io::io_error& error, steady_time now);

  /// Of the call that the last step made.
  void answer(const kafka_io::transaction_answer& answer, steady_time now);

  /// Of step resolve.
  void resolve(bool committed);

  void renew_membership();

  /// While `urgent`, a transaction is closed as soon as all that is there is in it.
  void set_urgency(bool urgent) { urgent_ = urgent; }

  // What may be done.

  [[nodiscard]] bool takes_batches(steady_time now) const {
    return sends() && !full() && !expired(now) && !other_waits_;
  }
  [[nodiscard]] bool sends() const {
    return phase_ == transaction_phase::sending && !abort_ && health_ == client_health::good;
  }
  [[nodiscard]] bool due(steady_time now) const {
    return records_ > 0 && (urgent_ || other_waits_ || full() || expired(now));
  }

  /// Changes the phase; call until it says nothing.
  [[nodiscard]] transaction_step next(const lanes_state& lanes);

  [[nodiscard]] transaction_phase phase() const { return phase_; }
  /// Whether what the lanes hold may be written, and is not known to be aborted.
  [[nodiscard]] bool holds_records() const;
  [[nodiscard]] bool will_abort() const { return can_be_aborted() && abort_; }
  [[nodiscard]] bool in_doubt() const { return outcome_ == commit_outcome::in_doubt; }
  /// When time alone changes what `next` says; nothing where it does not.
  [[nodiscard]] std::optional<steady_time> wakes_at() const;
  [[nodiscard]] steady_time opened_at() const { return opened_at_; }
  [[nodiscard]] steady_time closed_at() const { return closed_at_; }
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }

private:
  /// That the open transaction be aborted.
  struct abort_wish {
    bool pause_after = false;  ///< Only time can cure it.
  };

  enum class client_health : std::uint8_t {
    good,
    broken,  ///< The client must be replaced.
    fenced,  ///< And must not: another producer has our id.
  };

  /// The membership, as the coordinator has it.
  enum class member_state : std::uint8_t {
    used,     ///< The offsets were sent with it, or will be.
    renewed,  ///< Since then: the old one may be refused, and that tells nothing of this one.
    refused,
  };

  /// How the last transaction ended.
  enum class commit_outcome : std::uint8_t {
    told,  ///< By step finish or replay.
    in_doubt,
    committed,
    not_committed,
  };

  /// Elsewhere nothing of it counts any more, or it is too late.
  [[nodiscard]] bool can_be_aborted() const {
    return phase_ == transaction_phase::sending || phase_ == transaction_phase::closing;
  }
  [[nodiscard]] bool full() const {
    return records_ >= limits_.records_max || bytes_ >= bytes_max_;
  }
  [[nodiscard]] bool expired(steady_time now) const {
    return records_ > 0 && now >= began_ + limits_.interval;
  }
  void fail_by(const kafka_io::transaction_error& error, steady_time now);
  std::optional<transaction_step> tell_outcome(steady_time now);
  transaction_step advance(const lanes_state& lanes);
  transaction_step call(transaction_phase phase, transaction_step step);
  [[nodiscard]] bool held_up(steady_time now) const;
  transaction_step end(steady_time now, transaction_phase phase, transaction_step step);
  void begin_anew(steady_time now);
  void pause(steady_time now, bool until_membership);
  void take_less();

  transaction_limits limits_;
  backoff_limits backoff_;
  transaction_phase phase_ = transaction_phase::opening;
  bool calling_ = false;  ///< A step's answer has not come yet.

  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;  ///< The limit's, or less, so that it gets through within the timeout.
  steady_time began_{};
  steady_time opened_at_{};  ///< Of the transaction that is closing, or was last.
  steady_time closed_at_{};
  std::optional<steady_time> settled_at_;  ///< Not to be ended before.
  bool urgent_ = false;
  bool other_waits_ = false;
  std::optional<std::uint64_t> generation_;  ///< Of what is in it; none: nothing that has one.
  bool offsets_in_ = false;

  std::optional<abort_wish> abort_;
  client_health health_ = client_health::good;
  member_state member_ = member_state::used;
  commit_outcome outcome_ = commit_outcome::told;

  std::chrono::milliseconds pause_;
  steady_time pause_ends_{};
  std::uint32_t attempts_ = 0;  ///< Aborted since the last commit.
};

}  // namespace turnstile::actors
