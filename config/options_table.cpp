// The rows of the table of options. A help text is one to three sentences; the first can stand
// alone in `--help`.
#include <array>
#include <type_traits>

#include "config/option_checks.hpp"
#include "config/options.hpp"
#include "event/json_event.hpp"

namespace turnstile::core {

namespace {

struct range {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view unit;
};

template <class Field>
option boolean(std::string_view name, bool standard, std::string_view help, Field field) {
  option row{.name = name, .type = option_type::boolean, .standard = standard, .help = help};
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) { field(s) = std::get<bool>(v); };
  return row;
}

template <class Field>
option integer(std::string_view name, std::int64_t standard, range bounds, std::string_view help,
               Field field) {
  option row{.name = name, .type = option_type::integer, .standard = standard, .help = help};
  row.min = bounds.min;
  row.max = bounds.max;
  row.unit = bounds.unit;
  row.get = [field](const settings& s) { return option_value{std::int64_t{field(s)}}; };
  row.set = [field](settings& s, const option_value& v) {
    using number = std::remove_reference_t<decltype(field(s))>;
    field(s) = static_cast<number>(std::get<std::int64_t>(v));
  };
  return row;
}

template <class Field>
option text(std::string_view name, std::string standard, text_check check, std::string_view help,
            Field field) {
  option row{.name = name, .standard = std::move(standard), .help = help, .check = check};
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) { field(s) = std::get<std::string>(v); };
  return row;
}

template <class Field>
option list(std::string_view name, std::vector<std::string> standard, text_check check,
            std::string_view help, Field field) {
  option row{.name = name, .type = option_type::list, .standard = std::move(standard)};
  row.help = help;
  row.check = check;
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) {
    field(s) = std::get<std::vector<std::string>>(v);
  };
  return row;
}

/// The names of an enumeration stand in the order of its values; `standard` is the default's place.
template <class Field>
option choice(std::string_view name, std::size_t standard, std::vector<std::string_view> names,
              std::string_view help, Field field) {
  option row{.name = name, .type = option_type::choice, .standard = std::string(names[standard])};
  row.names = names;
  row.help = help;
  row.get = [field, names](const settings& s) {
    if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(field(s))>>) {
      return option_value{std::string(names[static_cast<std::size_t>(field(s))])};
    } else {
      return option_value{field(s)};
    }
  };
  row.set = [field, names](settings& s, const option_value& v) {
    using value = std::remove_reference_t<decltype(field(s))>;
    const auto& chosen = std::get<std::string>(v);
    if constexpr (std::is_enum_v<value>) {
      for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == chosen) field(s) = static_cast<value>(i);
    } else {
      field(s) = chosen;
    }
  };
  return row;
}

option required(option row) {
  row.required = true;
  return row;
}

/// `input.missing.<field>`: `error`, or `default:` and the value to use.
option missing(std::string_view name) {
  constexpr std::string_view prefix = "default:";
  option row{.name = name, .standard = std::string("error"), .check = missing_rule_fault};
  row.help =
      "What a record without the field becomes: `error` makes it an error record, `default:VALUE` "
      "processes it as if the field held VALUE.";
  row.required = true;
  const std::string_view field = name.substr(section_of(name).size() + 1);
  row.get = [field, prefix](const settings& s) {
    const auto found = s.input.missing_default.find(field);
    if (found == s.input.missing_default.end()) return option_value{std::string("error")};
    return option_value{std::string(prefix) + found->second};
  };
  row.set = [field, prefix](settings& s, const option_value& v) {
    const auto& rule = std::get<std::string>(v);
    s.input.missing_default.erase(std::string(field));
    if (rule.starts_with(prefix))
      s.input.missing_default.emplace(field, rule.substr(prefix.size()));
  };
  return row;
}

constexpr std::array sections{
    option_section{"kafka", "Where the brokers are and which consumer group the workers share."},
    option_section{"topics", "What is read and written. All names must differ."},
    option_section{"input", "What counts as a valid login event."},
    option_section{"input.missing", "What becomes of an event that lacks a field."},
    option_section{"filter", "Which valid events are kept; the others go to `topics.cleaned`."},
    option_section{"output", "How a processed event looks."},
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
    option_section{"log", "Where log lines go and how they look."},
};

#define AT(path) \
  [](auto& s) -> auto& { return s.path; }

void add_kafka(std::vector<option>& rows) {
  rows.push_back(required(
      list("kafka.brokers", {"localhost:9092"}, broker_fault,
           "The brokers to ask first, each HOST:PORT; they tell about the others. One is enough, "
           "several survive the loss of one.",
           AT(kafka.brokers))));
  rows.push_back(required(
      text("kafka.group", "turnstile", group_fault,
           "The consumer group: its workers share the partitions, and a new name starts where "
           "`auto.offset.reset` of `[kafka.consumer]` says, by default at the beginning.",
           AT(kafka.group))));
}

void add_topics(std::vector<option>& rows) {
  const auto topic = [&rows](std::string_view name, const char* standard, std::string_view help,
                             auto field) {
    rows.push_back(required(text(name, standard, topic_fault, help, field)));
  };
  topic("topics.input", "user-login", "Login events, read.", AT(topics.input));
  topic("topics.processed", "processed-output", "Events that passed, pseudonymised.",
        AT(topics.processed));
  topic("topics.errors", "processed-errors", "One error record for each event that failed.",
        AT(topics.errors));
  topic("topics.cleaned", "cleaned-data", "One record for each event that the filter took out.",
        AT(topics.cleaned));
  topic("topics.summary", "summary-output", "Running statistics.", AT(topics.summary));
  rows.push_back(boolean("topics.create", false,
                         "Creates missing topics at start. Otherwise they are named in the log "
                         "and the worker waits until they exist.",
                         AT(topics.create)));
  rows.push_back(integer("topics.create_partitions", 0, {0, 100'000, "partitions"},
                         "Partitions of a topic that is created. 0 gives outputs as many as the "
                         "input has, and the input 1.",
                         AT(topics.create_partitions)));
  rows.push_back(integer("topics.create_replication", 0, {0, 32'767, "replicas"},
                         "Replicas of a topic that is created. 0 leaves it to the broker.",
                         AT(topics.create_replication)));
  rows.push_back(choice("topics.partitioner", 0, {"source", "key"},
                        "`source` writes to the partition with the source's number, which keeps "
                        "order, where the topic has enough partitions. `key` always goes by key "
                        "as Java's default partitioner does.",
                        AT(topics.partitioner)));
}

void add_input(std::vector<option>& rows) {
  rows.push_back(integer("input.value_bytes_max", 1'048'576, {1, json_bytes_max, "bytes"},
                         "A longer value becomes an error record (`too_large`) unread.",
                         AT(input.value_bytes_max)));
  rows.push_back(choice("input.timestamp_units", 0, {"seconds", "magnitude"},
                        "`seconds` reads every timestamp as epoch seconds. `magnitude` also takes "
                        "milliseconds and microseconds, told apart by their size.",
                        AT(input.timestamp_units)));
  rows.push_back(boolean("input.timestamp_iso8601", false,
                         "Also takes timestamps like `2024-10-25T22:14:20Z`. Otherwise they "
                         "become error records (`bad_timestamp`).",
                         AT(input.timestamp_iso8601)));
  rows.push_back(choice("input.unknown_fields", 0, {"keep", "drop"},
                        "`keep` passes unknown fields on, byte for byte: personal data in them "
                        "too. `drop` leaves them out.",
                        AT(input.unknown_fields)));
  rows.push_back(choice("input.unreadable", 0, {"wait", "skip"},
                        "`wait` reads a batch that is damaged, or unpacks to too much, again each "
                        "5 s, and nothing behind it. `skip` reads on behind it after three tries: "
                        "each of its offsets becomes an error record (`unreadable`).",
                        AT(input.unreadable)));
  for (const auto name :
       {"input.missing.ip", "input.missing.device_id", "input.missing.app_version",
        "input.missing.device_type", "input.missing.locale"})
    rows.push_back(missing(name));
}

void add_transform(std::vector<option>& rows) {
  rows.push_back(list("filter.app_versions", {"2.3.0"}, nullptr,
                      "Events of these versions are processed, all others go to "
                      "`topics.cleaned`; empty keeps every version.",
                      AT(filter.app_versions)));
  rows.push_back(choice("output.timestamp_format", 0, {"datetime", "rfc3339"},
                        "`datetime` is `2024-10-25 22:14:20`, `rfc3339` is "
                        "`2024-10-25T22:14:20Z`. Always UTC.",
                        AT(output.timestamp_format)));
  rows.push_back(text("privacy.hmac_key_file", "", nullptr,
                      "File that holds the secret key of the pseudonyms (HMAC-SHA-256). Without "
                      "one they are plain SHA-256, which can be guessed back to the address; a "
                      "new key makes all pseudonyms new. Of a text, hex and base64 too, the key is "
                      "its characters without blanks and line endings around them.",
                      AT(privacy.hmac_key_file)));
  rows.push_back(choice("privacy.record_keys", 0, {"keep", "hash", "drop"},
                        "What becomes of the source record's key. Choose `hash` or `drop` where "
                        "keys hold personal data; without a key order by key ends.",
                        AT(privacy.record_keys)));
  rows.push_back(choice("privacy.headers", 0, {"keep", "hash", "drop"},
                        "What becomes of the source record's headers (`hash`: of their values). "
                        "The worker's own `turnstile-…` headers are always written.",
                        AT(privacy.headers)));
  rows.push_back(choice("errors.content", 1, {"none", "pseudonymised", "raw"},
                        "How much of the event its error record repeats. `raw` writes personal "
                        "data to `topics.errors`: restrict who may read it.",
                        AT(errors.content)));
  rows.push_back(choice("errors.unknown", 1, {"keep", "drop"},
                        "`drop` leaves fields that the worker does not know out of error records. "
                        "`keep` repeats them as they are, as far as `input.unknown_fields` does: "
                        "an event of another shape then shows its addresses and names.",
                        AT(errors.unknown)));
  rows.push_back(integer("summary.every", 1000, {1, 1'000'000'000, "processed events"},
                         "A summary is published each time so many more events are processed.",
                         AT(summary.every)));
  rows.push_back(integer("summary.distinct_values_max", 1000, {1, 100'000, "values"},
                         "How many different device types and locales are counted singly; the "
                         "rest counts as `(other)`, so that a stream cannot grow the memory.",
                         AT(summary.distinct_values_max)));
}

void add_producer(std::vector<option>& rows) {
  rows.push_back(integer("producer.linger_ms", 1, {0, 900'000, "milliseconds"},
                         "How long records wait for others before they are sent. More makes "
                         "larger, cheaper requests and adds as much latency.",
                         AT(producer.linger_ms)));
  rows.push_back(choice("producer.compression", 2, {"none", "gzip", "snappy", "lz4", "zstd"},
                        "Codec of what is written. `zstd` is smallest, and at its level 1, "
                        "the default of `kafka.producer.compression.level`, takes about the CPU "
                        "of `snappy`.",
                        AT(producer.compression)));
  rows.push_back(integer("producer.message_timeout_ms", 120'000, {1000, 3'600'000, "milliseconds"},
                         "How long one delivery is tried. Then the unfinished batches are sent "
                         "again, without end: nothing is given up.",
                         AT(producer.message_timeout_ms)));
  rows.push_back(integer("producer.retry_backoff_ms", 100, {1, 60'000, "milliseconds"},
                         "First pause before unfinished batches are sent again.",
                         AT(producer.retry_backoff_ms)));
  rows.push_back(integer("producer.retry_backoff_max_ms", 5000, {1, 300'000, "milliseconds"},
                         "The pause doubles from try to try up to this.",
                         AT(producer.retry_backoff_max_ms)));
}

void add_delivery(std::vector<option>& rows) {
  rows.push_back(choice("delivery.guarantee", 0, {"at-least-once", "exactly-once"},
                        "`exactly-once` writes outputs and input offsets in transactions: readers "
                        "with `isolation.level=read_committed` see each input once, later by about "
                        "`transaction.interval_ms`. `at-least-once` may repeat some after a kill.",
                        AT(delivery.guarantee)));
  rows.push_back(boolean("delivery.allow_unenforced", false,
                         "Lets exactly-once run on the embedded broker, which accepts "
                         "transactions and enforces nothing. For trying things only.",
                         AT(delivery.allow_unenforced)));
  rows.push_back(integer("transaction.interval_ms", 100, {1, 60'000, "milliseconds"},
                         "A transaction is committed so long after its first record. More makes "
                         "fewer commits; readers wait for it.",
                         AT(transaction.interval_ms)));
  rows.push_back(integer("transaction.records_max", 65'536, {1, 10'000'000, "records"},
                         "A transaction with so many records is committed at once; the last batch "
                         "goes in whole.",
                         AT(transaction.records_max)));
  rows.push_back(integer("transaction.bytes_max", 33'554'432, {1, 1'073'741'824, "bytes"},
                         "A transaction of inputs of so many bytes, 512 for each record and 2048 "
                         "for each batch included, is committed at once.",
                         AT(transaction.bytes_max)));
  rows.push_back(integer("transaction.timeout_ms", 10'000, {1000, 900'000, "milliseconds"},
                         "After a kill the brokers abort what was open when this time has passed; "
                         "until then `read_committed` readers wait, unless a worker with the same "
                         "`workers.id` starts before. Also bounds `producer.message_timeout_ms`.",
                         AT(transaction.timeout_ms)));
}

void add_engine(std::vector<option>& rows) {
  rows.push_back(integer("workers.transformers", 0, {0, 256, "actors"},
                         "Actors that parse, hash and write events. 0 is one for each core.",
                         AT(workers.transformers)));
  rows.push_back(integer("workers.producers", 2, {1, 64, "actors"},
                         "Producers, each with a client of its own, or, at-least-once, two where "
                         "the output topics have 1000 partitions or more together; input "
                         "partitions are spread over them. A broker takes one request of a "
                         "connection at a time, and with "
                         "exactly-once one writes while another commits.",
                         AT(workers.producers)));
  rows.push_back(integer("workers.threads", 0, {0, 256, "threads"},
                         "Threads that run the actors. 0 is one for two cores, at least 1: "
                         "librdkafka's own threads have as much to do.",
                         AT(workers.threads)));
  rows.push_back(
      text("workers.id", "", worker_id_fault,
           "Begins the worker's id in summaries and headers; with exactly-once give each "
           "worker its own, and keep it over restarts. It is part of the "
           "`transactional.id` then. Empty takes the host's name.",
           AT(workers.id)));
  rows.push_back(integer("batch.records_max", 1024, {1, 10'000, "records"},
                         "Most records in one batch. More saves little CPU and adds latency.",
                         AT(batch.records_max)));
  rows.push_back(integer("memory.budget_mib", 256, {96, 1'048'576, "MiB"},
                         "Memory of the process; prefetch, records in flight and producer queues "
                         "are shares of it. Where they are small, a worker's partitions share a "
                         "queue.",
                         AT(memory.budget_mib)));
  rows.push_back(integer("commit.interval_ms", 50, {1, 60'000, "milliseconds"},
                         "How often finished offsets are committed. It bounds what is processed "
                         "again after a kill.",
                         AT(commit.interval_ms)));
  rows.push_back(integer("drain.timeout_ms", 5000, {1, 3'600'000, "milliseconds"},
                         "How long a partition that is taken away may finish what it has begun. "
                         "Must be below `session.timeout.ms`; what is left is processed again by "
                         "the next owner.",
                         AT(drain.timeout_ms)));
  rows.push_back(integer("shutdown.timeout_ms", 25'000, {1000, 3'600'000, "milliseconds"},
                         "How long a stop may take before the process ends itself; to close the "
                         "clients may take 4 s more. Keep it 5 s below what the orchestrator "
                         "grants (Kubernetes: 30 s).",
                         AT(shutdown.timeout_ms)));
  rows.push_back(integer("metrics.interval_ms", 10'000, {100, 3'600'000, "milliseconds"},
                         "How often each actor's figures are logged.", AT(metrics.interval_ms)));
}

void add_log(std::vector<option>& rows) {
  rows.push_back(choice("log.level", 1, {"debug", "info", "warning", "error"},
                        "Events below this are not logged. Figures are `info`.", AT(log.level)));
  rows.push_back(choice("log.format", 0, {"logfmt", "json"},
                        "`logfmt` is for people and most collectors, `json` for the others.",
                        AT(log.format)));
  rows.push_back(text("log.file", "", log_file_fault,
                      "File to log to, besides standard error. Empty is none.", AT(log.file)));
  rows.push_back(integer("log.file_mib", 64, {1, 10'240, "MiB"},
                         "The file is set aside and begun anew at this size.", AT(log.file_mib)));
  rows.push_back(integer("log.files_max", 5, {1, 1000, "files"},
                         "How many files that were set aside are kept; the oldest go.",
                         AT(log.files_max)));
}

#undef AT

std::vector<option> make_table() {
  std::vector<option> rows;
  add_kafka(rows);
  add_topics(rows);
  add_input(rows);
  add_transform(rows);
  add_delivery(rows);
  add_producer(rows);
  add_engine(rows);
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
