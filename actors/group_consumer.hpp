// The member of the consumer group: takes partitions, gives them back, commits.
//
// One for each worker, spawned and ended by it. Owns the group client; spawns a partition_consumer
// for each assigned partition and drains it before the partition is given back; sends the
// committable offsets of all partitions as one OffsetCommit, `commit_interval` after the first of
// them. All methods run on the actor.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/commit_pacing.hpp"
#include "actors/log_end_watch.hpp"
#include "actors/partition_consumer.hpp"
#include "core/figures.hpp"
#include "core/log.hpp"
#include "core/transform.hpp"
#include "kafka_io/io.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// Whom the group_consumer tells how consuming ends.
using consumption_listener = messages::accepts<messages::consumption_ended, messages::group_left,
                                               messages::actor_ended, messages::consumer_failed>;

struct group_consumer_args {
  std::shared_ptr<kafka_io::group_client> client;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  kafka_io::batch_survey survey;  ///< Null: a batch that cannot be read is waited for.
  std::shared_ptr<const core::version_board> versions;
  std::vector<messages::transformer_actor> transformers;
  std::vector<messages::producer_actor> producers;
  /// The same, where they commit the offsets: then the group_consumer commits nothing.
  std::vector<messages::transactional_producer_actor> transactional;
  messages::summary_actor summary;
  messages::metrics_reporter_actor reporter;
  consumption_listener worker;
  std::shared_ptr<core::group_figures> figures;
  std::chrono::milliseconds commit_interval;
  std::chrono::milliseconds drain_timeout;
  std::size_t batch_records_max;
  messages::set_credit credit_total;  ///< Of all partitions together.
  bool credit_is_pooled = false;      ///< `client` keeps it: each partition may take all.
};

///   member ──(end_consumption)──▶ ending ──(drained, committed)──▶ ended ──(leave_group)──▶
///   leaving
///     │                                                                                        │
///     └──────────────────────────(leave_group: the worker cannot wait)──▶ leaving ──(closed)──▶
///     left
/// In each but `left` partitions may be revoked, and are drained, committed and given back.
enum class group_phase : std::uint8_t {
  member,
  ending,   ///< All partitions are drained, for good; no more are taken.
  ended,    ///< And the worker knows.
  leaving,  ///< The client closes.
  left,
};

class group_consumer_state {
public:
  static inline const char* name = "group_consumer";
  using self_ptr = messages::group_consumer_actor::stateful_pointer<group_consumer_state>;

  explicit group_consumer_state(self_ptr self) : self_(self) {}
  ~group_consumer_state();

  void start(group_consumer_args args);
  void poll();
  void keep_alive();
  void open_assignment(const messages::assignment_described& described);
  void note_ends(const messages::log_ends_described& described);
  void note_progress(const messages::offset_advanced& advanced);
  void note_drained(core::partition_epoch source);
  void give_up_draining(std::uint64_t ticket);
  void commit_by_timer();
  void end_consumption();
  void leave();
  void show_life();

private:
  /// A partition of the current assignment.
  struct owned_partition {
    core::partition_epoch source;
    messages::partition_consumer_actor actor;
    std::shared_ptr<kafka_io::partition_source> records;
    std::shared_ptr<core::partition_figures> figures;
    std::int64_t committable = -1;
    std::int64_t committed = -1;
    std::int64_t removed_told = 0;  ///< Of its figure.
    bool draining = false;
    bool drained = false;

    /// Not "above": a log that was made anew begins below what was committed for the old one.
    [[nodiscard]] bool dirty() const { return committable >= 0 && committable != committed; }

    /// What was read of it and is not committed: all of it where nothing ever was.
    [[nodiscard]] std::int64_t beyond_commit() const {
      if (committed < 0) return figures->records.get();
      return std::max<std::int64_t>(0, figures->position.get() - committed);
    }
  };
  using owned_map = std::map<std::int32_t, owned_partition>;

  void on(const kafka_io::partitions_assigned& assigned);
  void on(const kafka_io::partitions_revoked& revoked);
  void on(const kafka_io::membership_renewed& renewed);
  void on(const kafka_io::commit_finished& finished);
  void on(const kafka_io::client_error& failed);

  void ask_ends();
  void tell_removed();
  void describe_assignment();
  void open_partition(std::int32_t partition, const kafka_io::assignment_facts& facts);
  void close_partition(std::int32_t partition, bool lost);
  void share_credit();
  void start_commit_timer();
  void hold_reading_while_commits_fail();
  void start_draining();
  void finish_draining();
  void finish_revocation();
  void forward_membership(const kafka_io::membership& member);
  void set_commit_urgency(bool urgent);
  /// Whether partitions are drained, for a revocation or for the end.
  [[nodiscard]] bool drains() const {
    return phase_ == group_phase::ending || !drain_.to_give_back.empty();
  }
  [[nodiscard]] bool is_leaving(const owned_partition& owned) const;
  bool commit(bool only_leaving);
  /// REQUIRES: some partition is owned.
  [[nodiscard]] messages::set_credit credit_share() const;
  owned_partition* find(core::partition_epoch source);

  self_ptr self_;
  group_consumer_args args_;
  owned_map owned_;
  std::uint64_t last_epoch_ = 0;

  /// partition_consumers that have not ended yet, owned or not.
  std::shared_ptr<std::atomic<std::size_t>> readers_ =
      std::make_shared<std::atomic<std::size_t>>(0);

  std::vector<std::int32_t> assigning_;  ///< Waiting for the lookup's answer.
  std::string member_id_;                ///< As which they were assigned.
  std::uint64_t describe_ticket_ = 0;

  /// Of a revocation, or of all partitions at the end.
  struct drain {
    std::vector<std::int32_t> to_give_back;
    bool late = false;         ///< The deadline passed: whatever is in flight is left behind.
    bool commit_late = false;  ///< So is what could not be committed.
    std::uint64_t ticket = 0;  ///< Of the deadline that counts.
  };

  group_phase phase_ = group_phase::member;
  drain drain_;
  log_end_watch ends_;
  commit_pacing pacing_;
  core::log_limiter commit_log_{std::chrono::seconds(1)};
  core::log_limiter error_log_{std::chrono::seconds(1)};
};

/// Accepts  wake · tick · commit_tick · assignment_described · log_ends_described ·
///          offset_advanced · drained · drain_deadline · end_consumption · leave_group ·
///          show_life
/// Sends    start_drain, set_credit and show_life to partition_consumers; close_lane to producers;
///          membership_changed and commit_soon to transactional_producers; partition_opened and
///          partition_closed to the metrics_reporter; consumption_ended, group_left and
///          consumer_failed to the worker
/// Stops    on EXIT from the worker, after group_left
messages::group_consumer_actor::behavior_type group_consumer(group_consumer_state::self_ptr self,
                                                             group_consumer_args args);

}  // namespace turnstile::actors
