// Every message that travels between actors.
//
// Plain structs: a command is an imperative, a fact is in the past tense. Payloads are shared by
// pointer and held by one actor at a time. Who sends what to whom: messages/interfaces.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.hpp"
#include "core/figures.hpp"
#include "kafka_io/io.hpp"
#include "messages/caf_compat.hpp"

namespace turnstile::messages {

// Signals without a payload.

/// A librdkafka queue -> its owner: something may be there. May come late, twice, or for nothing.
struct wake {};

/// To oneself, on a timer.
struct tick {};

/// metrics_reporter -> itself: look whether anything is processed.
struct watch_tick {};

/// group_consumer -> itself: time to commit.
struct commit_tick {};

/// producer -> itself: look for lanes whose pause has ended, or for a transaction that is due.
/// partition_consumer -> itself: look again at what was damaged.
struct retry_tick {};

// A batch on its way: read, transformed, written.

/// producer -> the batch's owner: every output of the batch is acknowledged. Once for each batch,
/// in the order of `seq`: one lane answers for all of a partition_epoch, and answers in this order.
struct batch_done {
  core::batch_ptr batch;
};
using batch_owner = accepts<batch_done>;

/// transformer, error_router or summary -> producer: all outputs are there.
struct transformed_batch {
  core::batch_ptr batch;
  batch_owner owner;
};
using batch_sink = accepts<transformed_batch>;

/// partition_consumer -> transformer.
struct raw_batch {
  core::batch_ptr batch;
  batch_owner owner;
};

/// transformer -> error_router: some slots still need their error record; then on to `next`.
struct failed_batch {
  core::batch_ptr batch;
  batch_owner owner;
  batch_sink next;
};

/// error_router -> producer: the slots of refused_records hold error records now.
struct repaired_records {
  core::batch_ptr batch;
};
using repair_sink = accepts<repaired_records>;

/// producer -> error_router: the broker will never take these outputs as they are.
struct refused_records {
  core::batch_ptr batch;
  std::vector<core::failure> failures;
  repair_sink reply_to;
};

/// partition_consumer -> summary: finished, in the order of offsets within one partition_epoch.
struct finished_batch {
  core::batch_ptr batch;
};

// Offsets.

/// partition_consumer -> group_consumer: everything of the partition below `next_offset` is
/// finished.
struct offset_advanced {
  core::partition_epoch source;
  std::int64_t next_offset = 0;
  bool by_records = true;  ///< False: what is new holds none, so that no transaction has it.
};

/// partition_consumer -> group_consumer: nothing is in flight, nothing more will be read.
struct drained {
  core::partition_epoch source;
};

/// group_consumer -> partition_consumer: finish what is in flight and read no more.
struct start_drain {};

/// group_consumer -> partition_consumer: the new share of the memory budget; no records: read
/// nothing.
struct set_credit {
  std::size_t records = 0;
  std::size_t bytes = 0;
};

/// group_consumer -> producer: the assignment is over; what was not sent of it never will be.
struct close_lane {
  core::partition_epoch source;
};

/// batch_survey -> the partition_consumer that asked: whether the batch at its position can be
/// read.
struct batch_surveyed {
  std::optional<kafka_io::unreadable_batch> unreadable;
};

// Transactions.

/// transaction_client -> its transactional_producer: the answer to its one open call. Clients are
/// numbered: a late answer of one that was replaced counts for nothing.
struct transaction_answered {
  std::uint64_t client = 0;
  kafka_io::transaction_answer answer;
};

/// group_consumer -> transactional_producer: offsets are committed as this member from now on.
/// Comes after the close_lane of everything that this member does not own.
struct membership_changed {
  kafka_io::membership member;
};

/// group_consumer -> transactional_producer: somebody waits for what is in flight; while `on`, end
/// each transaction as soon as all that is there is in it.
struct commit_soon {
  bool on = false;
};

/// transactional_producer -> worker: another process writes as us.
struct producer_fenced {
  std::string transactional_id;
};

/// broker_lookup -> whoever asked: the answer to its `describe` number `ticket`.
struct assignment_described {
  std::uint64_t ticket = 0;
  std::optional<kafka_io::assignment_facts> facts;
};

/// broker_lookup -> group_consumer: where the logs of its partitions end.
struct log_ends_described {
  std::vector<kafka_io::log_end_fact> ends;
};

/// broker_lookup -> a producer that asked: the topics as they are now.
struct layout_described {
  std::shared_ptr<const core::topic_layout> layout;
};

/// group_consumer -> itself: the revocation number `ticket` has taken too long.
struct drain_deadline {
  std::uint64_t ticket = 0;
};

/// group_consumer -> metrics_reporter.
struct partition_opened {
  std::shared_ptr<const core::partition_figures> figures;
};
struct partition_closed {
  core::partition_epoch source;
};

// Start and stop.

/// app -> worker: end cleanly. A second one changes nothing.
struct request_stop {
  std::string cause;
};

/// worker -> group_consumer: drain everything, commit, answer consumption_ended; then stay.
struct end_consumption {};
struct consumption_ended {};

/// worker -> summary: publish the open window; answer summary_published once it is acknowledged.
struct publish_last {};
struct summary_published {};

/// worker -> group_consumer: leave the group; answer group_left.
struct leave_group {};
struct group_left {};

/// worker -> all others, group_consumer -> partition_consumers: note that you are alive.
struct show_life {};

/// worker -> metrics_reporter: a last report.
struct report_last {};

/// Anyone -> worker: go on without me is not possible.
struct actor_ended {
  std::string name;
  std::string reason;
};
/// group_consumer -> worker: the group's client cannot go on.
struct consumer_failed {
  kafka_io::io_error error;
};

/// worker -> itself: the stop has taken too long.
struct stop_deadline {};

}  // namespace turnstile::messages

#define TURNSTILE_MESSAGES(M) \
  M(wake)                     \
  M(tick)                     \
  M(watch_tick)               \
  M(commit_tick)              \
  M(retry_tick)               \
  M(batch_done)               \
  M(transformed_batch)        \
  M(raw_batch)                \
  M(failed_batch)             \
  M(repaired_records)         \
  M(refused_records)          \
  M(finished_batch)           \
  M(offset_advanced)          \
  M(drained)                  \
  M(start_drain)              \
  M(set_credit)               \
  M(close_lane)               \
  M(batch_surveyed)           \
  M(transaction_answered)     \
  M(membership_changed)       \
  M(commit_soon)              \
  M(producer_fenced)          \
  M(assignment_described)     \
  M(log_ends_described)       \
  M(layout_described)         \
  M(drain_deadline)           \
  M(partition_opened)         \
  M(partition_closed)         \
  M(request_stop)             \
  M(end_consumption)          \
  M(consumption_ended)        \
  M(publish_last)             \
  M(summary_published)        \
  M(leave_group)              \
  M(group_left)               \
  M(show_life)                \
  M(report_last)              \
  M(actor_ended)              \
  M(consumer_failed)          \
  M(stop_deadline)

CAF_BEGIN_TYPE_ID_BLOCK(turnstile, caf::first_custom_type_id)
#define TURNSTILE_TYPE_ID(name) CAF_ADD_TYPE_ID(turnstile, (turnstile::messages::name))
TURNSTILE_MESSAGES(TURNSTILE_TYPE_ID)
#undef TURNSTILE_TYPE_ID
CAF_END_TYPE_ID_BLOCK(turnstile)

// One process: nothing is ever serialised.
#define TURNSTILE_UNSAFE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(turnstile::messages::name)
TURNSTILE_MESSAGES(TURNSTILE_UNSAFE)
#undef TURNSTILE_UNSAFE
