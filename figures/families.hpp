// What a reader of metrics knows: each family's name, kind, unit, help and labels, once.
//
// Constants. Which actor has which figure of them: figures/catalogue.cpp.
#pragma once

#include "figures/figure_table.hpp"

namespace turnstile::figures::families {

// Records and their fate.
inline constexpr family records{"turnstile_records_total",
                                kind::counter,
                                "records",
                                "Records whose outcome is acknowledged, by outcome.",
                                "outcome",
                                ""};
inline constexpr family errors{"turnstile_errors_total",
                               kind::counter,
                               "records",
                               "Error records written, by reason.",
                               "reason",
                               ""};
inline constexpr family record_bytes{"turnstile_record_bytes_total",
                                     kind::counter,
                                     "bytes",
                                     "Bytes of keys, values and headers: in, read; out, written.",
                                     "direction",
                                     ""};
inline constexpr family read_records{"turnstile_read_records_total",
                                     kind::counter,
                                     "records",
                                     "Records read from the input topic.",
                                     "",
                                     ""};
inline constexpr family removed_records{
    "turnstile_removed_records_total",
    kind::counter,
    "records",
    "Offsets that were gone from the input before they were read.",
    "",
    ""};
inline constexpr family end_to_end{
    "turnstile_end_to_end_seconds",
    kind::histogram,
    "seconds",
    "From the time of an input in its topic to the acknowledgement of what it became.",
    "",
    ""};

// Partitions.
inline constexpr family lag_records{
    "turnstile_lag_records",
    kind::gauge,
    "records",
    "Records between what is committed and the end of the partition.",
    "",
    "partition"};
inline constexpr family lag_seconds{
    "turnstile_lag_seconds",
    kind::gauge,
    "seconds",
    "Age of the oldest record in flight, or else of the last one read, while there is lag.",
    "",
    "partition"};
inline constexpr family standstill{
    "turnstile_standstill_seconds",
    kind::gauge,
    "seconds",
    "For how long nothing was committed of a partition that has lag; 0: it moves, or has none.",
    "",
    "partition"};
inline constexpr family position{"turnstile_position_offset", kind::gauge, "offset",
                                 "Next offset to read.",      "",          "partition"};
inline constexpr family committed{"turnstile_committed_offset", kind::gauge, "offset",
                                  "Offset that is committed.",  "",          "partition"};
inline constexpr family held_back{"turnstile_held_back_records",
                                  kind::gauge,
                                  "records",
                                  "Records behind a transaction that is open in the input.",
                                  "",
                                  "partition"};
inline constexpr family in_flight{"turnstile_in_flight_records",
                                  kind::gauge,
                                  "records",
                                  "Records read and not acknowledged yet.",
                                  "",
                                  ""};
inline constexpr family blocked{"turnstile_reads_blocked_total",
                                kind::counter,
                                "times",
                                "Times reading stopped because the credit was used up.",
                                "",
                                ""};

// The group.
inline constexpr family assigned{"turnstile_partitions_assigned",     kind::gauge, "partitions",
                                 "Partitions that this worker owns.", "",          ""};
inline constexpr family rebalances{"turnstile_rebalances_total",
                                   kind::counter,
                                   "times",
                                   "Rebalances, by what they did to this worker.",
                                   "kind",
                                   ""};
inline constexpr family commits{
    "turnstile_commits_total",
    kind::counter,
    "commits",
    "Offset commits that succeeded; with exactly-once none: see transactions.",
    "",
    ""};
inline constexpr family commit_failures{"turnstile_commit_failures_total",
                                        kind::counter,
                                        "commits",
                                        "Offset commits that failed.",
                                        "",
                                        ""};
inline constexpr family commit_seconds{"turnstile_commit_seconds",
                                       kind::histogram,
                                       "seconds",
                                       "From an offset commit to its answer.",
                                       "",
                                       ""};
inline constexpr family last_commit{"turnstile_last_commit_timestamp_seconds",
                                    kind::gauge,
                                    "seconds",
                                    "When offsets were committed last, since the epoch.",
                                    "",
                                    ""};
inline constexpr family possible_repeats{
    "turnstile_possible_repeats_total",
    kind::counter,
    "records",
    "Records that may come twice: by a delivery that may have been written, or because the next "
    "owner of a partition reads them again.",
    "cause",
    ""};
inline constexpr family membership{"turnstile_group_state",
                                   kind::gauge,
                                   "state",
                                   "1 for the state of the membership in the group.",
                                   "state",
                                   ""};

// Transformers and producers.
inline constexpr family busy{"turnstile_actor_busy_seconds_total", kind::counter, "seconds",
                             "Time that an actor worked.",         "actor",       "index"};
inline constexpr family batches{"turnstile_transformer_batches_total",
                                kind::counter,
                                "batches",
                                "Batches that were transformed.",
                                "",
                                "index"};
inline constexpr family transformed{"turnstile_transformer_records_total",
                                    kind::counter,
                                    "records",
                                    "Records that were transformed.",
                                    "",
                                    "index"};
inline constexpr family transformed_as{
    "turnstile_transformer_outcomes_total",       kind::counter, "records",
    "Records that were transformed, by outcome.", "outcome",     "index"};
inline constexpr family unknown_fields{
    "turnstile_unknown_fields_total",
    kind::counter,
    "fields",
    "Fields that no rule names, in events that were processed or filtered.",
    "",
    ""};
inline constexpr family sent{"turnstile_producer_sent_records_total",
                             kind::counter,
                             "records",
                             "Records handed to the client, retries included.",
                             "",
                             "producer"};
inline constexpr family acknowledged{"turnstile_producer_acknowledged_records_total",
                                     kind::counter,
                                     "records",
                                     "Records that the brokers acknowledged.",
                                     "",
                                     "producer"};
inline constexpr family failed{"turnstile_deliveries_failed_total",
                               kind::counter,
                               "records",
                               "Deliveries that failed and are tried again.",
                               "",
                               "producer"};
inline constexpr family refused{"turnstile_deliveries_refused_total",
                                kind::counter,
                                "records",
                                "Records that the brokers will never take as they are.",
                                "",
                                "producer"};
inline constexpr family queued{"turnstile_producer_queued_records",
                               kind::gauge,
                               "records",
                               "Records that wait to be sent or for their acknowledgement.",
                               "",
                               "producer"};
inline constexpr family retries{"turnstile_producer_retries_total",
                                kind::counter,
                                "times",
                                "Times a partition's unfinished batches were retried.",
                                "",
                                "producer"};
inline constexpr family rebuilds{"turnstile_producer_rebuilds_total",
                                 kind::counter,
                                 "clients",
                                 "Clients that were replaced after a fatal error.",
                                 "",
                                 "producer"};
inline constexpr family waiting{"turnstile_producer_waiting_partitions",
                                kind::gauge,
                                "partitions",
                                "Partitions that do not send because a delivery failed.",
                                "",
                                "producer"};
inline constexpr family acknowledgement{
    "turnstile_acknowledgement_seconds",
    kind::histogram,
    "seconds",
    "From a batch's hand-over to the client to its acknowledgement; with exactly-once to the "
    "commit.",
    "",
    ""};
inline constexpr family transactions{
    "turnstile_transactions_total",        kind::counter, "transactions",
    "Transactions that ended, by result.", "result",      ""};
inline constexpr family transaction_seconds{"turnstile_transaction_seconds",
                                            kind::histogram,
                                            "seconds",
                                            "From a transaction's first record to its commit.",
                                            "",
                                            ""};
inline constexpr family transaction_commit_seconds{
    "turnstile_transaction_commit_seconds",
    kind::histogram,
    "seconds",
    "From a transaction's last record to its commit.",
    "",
    ""};
inline constexpr family producer_phase{
    "turnstile_producer_state",          kind::gauge, "state",
    "1 for the state of each producer.", "state",     "producer"};

// Summaries, the worker, the process.
inline constexpr family finished{"turnstile_finished_records_total",
                                 kind::counter,
                                 "records",
                                 "Records whose outcome is acknowledged.",
                                 "",
                                 ""};
inline constexpr family summaries{"turnstile_summaries_total",
                                  kind::counter,
                                  "summaries",
                                  "Summaries that the broker acknowledged.",
                                  "",
                                  ""};
inline constexpr family sequence{"turnstile_summaries_last_sequence",
                                 kind::gauge,
                                 "number",
                                 "Sequence number of the last acknowledged summary.",
                                 "",
                                 ""};
inline constexpr family state{"turnstile_state", kind::gauge,
                              "state",           "1 for what the worker does or waits for.",
                              "state",           ""};
inline constexpr family reloads{
    "turnstile_reloads_total",
    kind::counter,
    "reloads",
    "Reloads of this process: done, by a restart in place; refused, because of a fault.",
    "result",
    ""};
inline constexpr family build_info{"turnstile_build_info",
                                   kind::gauge,
                                   "",
                                   "1, with the versions of the program and its libraries.",
                                   "version",
                                   ""};
inline constexpr family config_hash{"turnstile_config_hash_info",
                                    kind::gauge,
                                    "",
                                    "1, with a hash of the configuration in force.",
                                    "hash",
                                    ""};
inline constexpr family key_info{
    "turnstile_key_info",
    kind::gauge,
    "",
    "1, with the id of the key that outputs are made with; none where they depend on no key.",
    "id",
    ""};
inline constexpr family key_ring_faults{
    "turnstile_key_ring_faults_total",
    kind::counter,
    "times",
    "Looks at the key ring that found it unusable, so that the key in force stayed.",
    "",
    ""};
inline constexpr family cpu{"process_cpu_seconds_total",
                            kind::counter,
                            "seconds",
                            "Total user and system CPU time spent in seconds.",
                            "",
                            ""};
inline constexpr family resident{"process_resident_memory_bytes",  kind::gauge, "bytes",
                                 "Resident memory size in bytes.", "",          ""};
inline constexpr family virtual_bytes{"process_virtual_memory_bytes",  kind::gauge, "bytes",
                                      "Virtual memory size in bytes.", "",          ""};
inline constexpr family open_files{
    "process_open_fds", kind::gauge, "descriptors", "Number of open file descriptors.", "", ""};
inline constexpr family most_files{"process_max_fds",
                                   kind::gauge,
                                   "descriptors",
                                   "Maximum number of open file descriptors.",
                                   "",
                                   ""};
inline constexpr family started{"process_start_time_seconds",
                                kind::gauge,
                                "seconds",
                                "Start time of the process since unix epoch in seconds.",
                                "",
                                ""};

}  // namespace turnstile::figures::families
