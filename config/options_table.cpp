// The rows of the table of options. A help text is one to three sentences; the first can stand
// alone in `--help`.
#include <array>

#include "config/option_rows.hpp"

namespace turnstile::core {

namespace {

constexpr std::array sections{
    option_section{"kafka", "Where the brokers are and which consumer group the workers share."},
    option_section{"topics", "What is read and written. All names must differ."},
    option_section{"input", "How much is read of an event, and what of damaged batches."},
    option_section{"event",
                   "What an event is. What becomes of its fields is in the tables of rules."},
    option_section{"privacy", "How personal data is made unreadable."},
    option_section{"errors", "What an error record tells."},
    option_section{"summary", "The running statistics on `topics.summary`."},
    option_section{"delivery", "What the worker promises about its outputs."},
    option_section{"transaction", "With `delivery.guarantee = \"exactly-once\"`: when one ends."},
    option_section{"producer", "How records are delivered. Always idempotent, with `acks=all`."},
    option_section{"workers", "How many actors of each kind one process runs."},
    option_section{"batch", "How records travel between the actors."},
    option_section{"memory", "How much memory the process may use."},
    option_section{"commit", "How often offsets are committed."},
    option_section{"drain", "How partitions are given back."},
    option_section{"shutdown", "How the process stops."},
    option_section{"metrics", "The figures of the actors."},
    option_section{"http", "Figures and health checks over HTTP."},
    option_section{"reload", "When a worker takes a new configuration by itself."},
    option_section{"log", "Where log lines go and how they look."},
};

void add_kafka(std::vector<option>& rows) {
  rows.push_back(required(
      list("kafka.brokers", {"localhost:9092"}, broker_fault,
           "The brokers to ask first, each HOST:PORT; they tell about the others. One is enough, "
           "several survive the loss of one.",
           TURNSTILE_AT(kafka.brokers))));
  rows.push_back(required(
      text("kafka.group", "turnstile", group_fault,
           "The consumer group: its workers share the partitions, and a new name starts where "
           "`auto.offset.reset` of `[kafka.consumer]` says, by default at the beginning.",
           TURNSTILE_AT(kafka.group))));
}

void add_topics(std::vector<option>& rows) {
  const auto topic = [&rows](std::string_view name, const char* standard, std::string_view help,
                             auto field) {
    rows.push_back(required(text(name, standard, topic_fault, help, field)));
  };
  topic("topics.input", "user-login", "The events, read.", TURNSTILE_AT(topics.input));
  topic("topics.processed", "processed-output", "Events that passed, pseudonymised.",
        TURNSTILE_AT(topics.processed));
  topic("topics.errors", "processed-errors", "One error record for each event that failed.",
        TURNSTILE_AT(topics.errors));
  topic("topics.cleaned", "cleaned-data", "One record for each event that the filter took out.",
        TURNSTILE_AT(topics.cleaned));
  topic("topics.summary", "summary-output", "Running statistics.", TURNSTILE_AT(topics.summary));
  rows.push_back(boolean("topics.create", false,
                         "Creates missing topics at start. Otherwise they are named in the log "
                         "and the worker waits until they exist.",
                         TURNSTILE_AT(topics.create)));
  rows.push_back(integer("topics.create_partitions", 0, {0, 100'000, "partitions"},
                         "Partitions of a topic that is created. 0 gives outputs as many as the "
                         "input has, and the input 1.",
                         TURNSTILE_AT(topics.create_partitions)));
  rows.push_back(integer("topics.create_replication", 0, {0, 32'767, "replicas"},
                         "Replicas of a topic that is created. 0 leaves it to the broker.",
                         TURNSTILE_AT(topics.create_replication)));
  rows.push_back(choice("topics.partitioner", 0, {"source", "key"},
                        "`source` writes to the partition with the source's number, which keeps "
                        "order, where the topic has enough partitions. `key` always goes by key "
                        "as Java's default partitioner does.",
                        TURNSTILE_AT(topics.partitioner)));
}

void add_producer(std::vector<option>& rows) {
  rows.push_back(integer("producer.linger_ms", 1, {0, 900'000, "milliseconds"},
                         "How long records wait for others before they are sent. More makes "
                         "larger, cheaper requests and adds as much latency.",
                         TURNSTILE_AT(producer.linger_ms)));
  rows.push_back(choice("producer.compression", 2, {"none", "gzip", "snappy", "lz4", "zstd"},
                        "Codec of what is written. `zstd` is smallest, and at its level 1, "
                        "the default of `kafka.producer.compression.level`, takes about the CPU "
                        "of `snappy`.",
                        TURNSTILE_AT(producer.compression)));
  rows.push_back(integer("producer.message_timeout_ms", 120'000, {1000, 3'600'000, "milliseconds"},
                         "How long one delivery is tried. Then the unfinished batches are retried, "
                         "without end: nothing is given up.",
                         TURNSTILE_AT(producer.message_timeout_ms)));
  rows.push_back(integer("producer.retry_backoff_ms", 100, {1, 60'000, "milliseconds"},
                         "First pause before unfinished batches are retried.",
                         TURNSTILE_AT(producer.retry_backoff_ms)));
  rows.push_back(integer("producer.retry_backoff_max_ms", 5000, {1, 300'000, "milliseconds"},
                         "The pause doubles from try to try up to this.",
                         TURNSTILE_AT(producer.retry_backoff_max_ms)));
}

void add_delivery(std::vector<option>& rows) {
  rows.push_back(choice("delivery.guarantee", 0, {"at-least-once", "exactly-once"},
                        "`exactly-once` writes outputs and input offsets in transactions: readers "
                        "with `isolation.level=read_committed` see each input once, later by about "
                        "`transaction.interval_ms`. `at-least-once` may repeat some after a kill.",
                        TURNSTILE_AT(delivery.guarantee)));
  rows.push_back(boolean("delivery.allow_unenforced", false,
                         "Lets exactly-once run on the embedded broker, which accepts "
                         "transactions and enforces nothing. For trying things only.",
                         TURNSTILE_AT(delivery.allow_unenforced)));
  rows.push_back(integer("transaction.interval_ms", 100, {1, 60'000, "milliseconds"},
                         "A transaction is committed so long after its first record. More makes "
                         "fewer commits; readers wait for it.",
                         TURNSTILE_AT(transaction.interval_ms)));
  rows.push_back(integer("transaction.records_max", 65'536, {1, 10'000'000, "records"},
                         "A transaction with so many records is committed at once; the last batch "
                         "goes in whole.",
                         TURNSTILE_AT(transaction.records_max)));
  rows.push_back(integer("transaction.bytes_max", 33'554'432, {1, 1'073'741'824, "bytes"},
                         "A transaction of inputs of so many bytes, 512 for each record and 2048 "
                         "for each batch included, is committed at once.",
                         TURNSTILE_AT(transaction.bytes_max)));
  rows.push_back(integer("transaction.timeout_ms", 10'000, {1000, 900'000, "milliseconds"},
                         "After a kill the brokers abort what was open when this time has passed; "
                         "until then `read_committed` readers wait, unless a worker with the same "
                         "`workers.id` starts before. Also bounds `producer.message_timeout_ms`.",
                         TURNSTILE_AT(transaction.timeout_ms)));
}

void add_engine(std::vector<option>& rows) {
  rows.push_back(integer("workers.transformers", 0, {0, 256, "actors"},
                         "Actors that parse, hash and write events. 0 is one for each core.",
                         TURNSTILE_AT(workers.transformers)));
  rows.push_back(integer("workers.producers", 2, {1, 64, "actors"},
                         "Producers, over which the input partitions are spread; with "
                         "exactly-once one writes while another commits. Each has a client of "
                         "its own. With at-least-once each has two, if the output topics have "
                         "1000 partitions or more together.",
                         TURNSTILE_AT(workers.producers)));
  rows.push_back(integer("workers.threads", 0, {0, 256, "threads"},
                         "Threads that run the actors. 0 is one for two cores, at least 1: "
                         "librdkafka's own threads have as much to do.",
                         TURNSTILE_AT(workers.threads)));
  rows.push_back(
      text("workers.id", "", worker_id_fault,
           "Begins the worker's id in summaries and headers; with exactly-once give each "
           "worker its own, and keep it over restarts. It is part of the "
           "`transactional.id` then. Empty takes the host's name.",
           TURNSTILE_AT(workers.id)));
  rows.push_back(integer("batch.records_max", 1024, {1, 10'000, "records"},
                         "Most records in one batch. More saves little CPU and adds latency.",
                         TURNSTILE_AT(batch.records_max)));
  rows.push_back(integer("memory.budget_mib", 256, {96, 1'048'576, "MiB"},
                         "Memory of the process; prefetch, records in flight and producer queues "
                         "are shares of it. Where they are small, a worker's partitions share a "
                         "queue.",
                         TURNSTILE_AT(memory.budget_mib)));
  rows.push_back(integer("commit.interval_ms", 50, {1, 60'000, "milliseconds"},
                         "How often finished offsets are committed. It bounds what is processed "
                         "again after a kill.",
                         TURNSTILE_AT(commit.interval_ms)));
  rows.push_back(integer("drain.timeout_ms", 5000, {1, 3'600'000, "milliseconds"},
                         "How long a partition that is taken away may finish what it has begun. "
                         "Must be below `session.timeout.ms`; what is left is processed again by "
                         "the next owner.",
                         TURNSTILE_AT(drain.timeout_ms)));
  rows.push_back(integer("shutdown.timeout_ms", 25'000, {1000, 3'600'000, "milliseconds"},
                         "How long a stop may take before the process ends itself; to close the "
                         "clients may take 4 s more. Keep it 5 s below what the orchestrator "
                         "grants (Kubernetes: 30 s).",
                         TURNSTILE_AT(shutdown.timeout_ms)));
}

/// How the worker is seen and told.
void add_outside(std::vector<option>& rows) {
  rows.push_back(integer("metrics.interval_ms", 10'000, {100, 3'600'000, "milliseconds"},
                         "How often each actor's figures are logged.",
                         TURNSTILE_AT(metrics.interval_ms)));
  rows.push_back(integer("metrics.partitions_max", 64, {0, 10'000, "partitions"},
                         "How many partitions have series of their own on `/metrics`: those with "
                         "most lag. The others share one.",
                         TURNSTILE_AT(metrics.partitions_max)));
  rows.push_back(text("http.listen", "", listen_fault,
                      "HOST:PORT where the status page `/`, `/metrics`, `/status`, `/livez` and "
                      "`/readyz` are served, such as `127.0.0.1:9464`; `0.0.0.0:9464` lets other "
                      "machines read them. Empty is none.",
                      TURNSTILE_AT(http.listen)));
  rows.push_back(text("http.token_file", "", nullptr,
                      "File whose first line is the bearer token that `/metrics` and `/status` "
                      "want. Empty wants none; health checks never do.",
                      TURNSTILE_AT(http.token_file)));
  rows.push_back(text("http.tls_cert_file", "", nullptr,
                      "File with the certificate of `http.listen` and what leads to its authority, "
                      "as PEM. With it the port speaks TLS (1.2 or later) alone; without it plain "
                      "HTTP.",
                      TURNSTILE_AT(http.tls_cert_file)));
  rows.push_back(text("http.tls_key_file", "", nullptr,
                      "File with the key of `http.tls_cert_file`, as PEM and without a password.",
                      TURNSTILE_AT(http.tls_key_file)));
  rows.push_back(integer("reload.watch_s", 0, {0, 86'400, "seconds"},
                         "How often the files that were read at the start are looked at: "
                         "configuration, keys, certificates, token. A change reloads, as SIGHUP "
                         "does. 0 is never.",
                         TURNSTILE_AT(reload.watch_s)));
}

void add_log(std::vector<option>& rows) {
  rows.push_back(choice("log.level", 1, {"debug", "info", "warning", "error"},
                        "Events below this are not logged. Figures are `info`.",
                        TURNSTILE_AT(log.level)));
  rows.push_back(choice("log.format", 0, {"logfmt", "json"},
                        "`logfmt` is for people and most collectors, `json` for the others.",
                        TURNSTILE_AT(log.format)));
  rows.push_back(text("log.file", "", log_file_fault,
                      "File to log to, besides standard error. Empty is none.",
                      TURNSTILE_AT(log.file)));
  rows.push_back(integer("log.file_mib", 64, {1, 10'240, "MiB"},
                         "The file is set aside and begun anew at this size.",
                         TURNSTILE_AT(log.file_mib)));
  rows.push_back(integer("log.files_max", 5, {1, 1000, "files"},
                         "How many files that were set aside are kept; the oldest go.",
                         TURNSTILE_AT(log.files_max)));
}

std::vector<option> make_table() {
  std::vector<option> rows;
  add_kafka(rows);
  add_topics(rows);
  add_event_options(rows);
  add_delivery(rows);
  add_producer(rows);
  add_engine(rows);
  add_outside(rows);
  add_log(rows);
  return rows;
}

}  // namespace

const std::vector<option>& option_table() {
  static const std::vector<option> table = make_table();
  return table;
}

std::span<const option_section> option_sections() { return sections; }

}  // namespace turnstile::core
