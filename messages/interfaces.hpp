// The topology: every actor's interface, which is the list of what it accepts and from whom.
//
//   partition_consumer ── raw_batch ──▶ transformer ── transformed_batch ──▶ producer
//        ▲    │    │                        └─ failed_batch ─▶ error_router ─▶─┤ │
//        │    │    └ finished_batch ▶ summary ── transformed_batch ────────────┘ │
//        │    └ offset_advanced, drained ▶ group_consumer                        │
//        └──────────────────────── batch_done ───────────────────────────────────┘
//
// Each takes `show_life`, from the worker; partition_consumers from the group_consumer.
// All messages are one-way; nothing on the record's path waits for an answer.
#pragma once

#include "messages/messages.hpp"

namespace turnstile::messages {

/// One for each assigned partition. `batch_done` from a producer; `wake` from its queue and from
/// itself; `batch_surveyed` from the survey's thread; the rest from the group_consumer.
using partition_consumer_actor =
    accepts<wake, batch_done, start_drain, set_credit, retry_tick, batch_surveyed, show_life>;

/// A pool; each partition_consumer deals its batches out in turn.
using transformer_actor = accepts<raw_batch, show_life>;

/// One. `failed_batch` from the transformers, `refused_records` from the producers.
using error_router_actor = accepts<failed_batch, refused_records, show_life>;

/// One. `finished_batch` from the partition_consumers, `batch_done` from a producer (its own
/// record), `publish_last` from the worker.
using summary_actor = accepts<finished_batch, batch_done, publish_last, show_life>;

/// Producer k takes the partitions p with p mod producers = k. `transformed_batch` from the
/// transformers, the error_router and the summary; `repaired_records` from the error_router; `wake`
/// from its delivery queue; `close_lane` from the group_consumer; `layout_described` from the
/// lookup's thread.
using producer_actor = accepts<transformed_batch, repaired_records, wake, close_lane, retry_tick,
                               layout_described, show_life>;

/// Takes the producer's place with `delivery.guarantee = "exactly-once"`. Further
/// `transaction_answered` from its client's thread; `assignment_described` from the lookup's;
/// `membership_changed` and `commit_soon` from the group_consumer.
using transactional_producer_actor =
    accepts<transformed_batch, repaired_records, wake, close_lane, retry_tick, layout_described,
            show_life, transaction_answered, assignment_described, membership_changed, commit_soon>;

/// One. `wake` from the group's queues; `assignment_described` and `log_ends_described` from the
/// lookup's thread; `offset_advanced` and `drained` from the partition_consumers; commands from the
/// worker.
using group_consumer_actor =
    accepts<wake, tick, commit_tick, assignment_described, log_ends_described, offset_advanced,
            drained, drain_deadline, end_consumption, leave_group, show_life>;

/// One. Reads everyone's figures; is told only which partitions there are.
using metrics_reporter_actor =
    accepts<tick, watch_tick, partition_opened, partition_closed, report_last, show_life>;

/// One. Starts, watches and stops all others; decides the exit code.
using worker_actor = accepts<tick, request_stop, consumption_ended, summary_published, group_left,
                             actor_ended, consumer_failed, producer_fenced, stop_deadline>;

}  // namespace turnstile::messages
