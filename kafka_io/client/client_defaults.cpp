// The values that differ from librdkafka's own, with the reason of each.

#include <algorithm>
#include <cstdint>

#include "config/kafka_property.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::kafka_io {

namespace {

// A value of the largest size that we accept must be receivable, with its key and headers.
std::int64_t fetch_bytes_max(const core::settings& settings, const prefetch_shares& shares) {
  constexpr std::int64_t room_for_key_and_headers = 1024 * 1024;
  return std::max<std::int64_t>(shares.fetch_bytes_max,
                                settings.input.value_bytes_max + room_for_key_and_headers);
}

// librdkafka refuses to try longer than a transaction may last.
int message_timeout_ms(const core::settings& settings) {
  const int wanted = settings.producer.message_timeout_ms;
  return core::exactly_once(settings) ? std::min(wanted, settings.transaction.timeout_ms) : wanted;
}

// Of a request. A coordinator that is frozen must be left while its transaction still lives.
int socket_timeout_ms(const core::settings& settings) {
  constexpr int most = 10'000;
  return core::exactly_once(settings) ? std::min(most, settings.transaction.timeout_ms / 3) : most;
}

const char* compression_level(const core::settings& settings) {
  return settings.producer.compression == "zstd" ? "1" : "-1";
}

// A batch beyond it is never received: the connection ends, and all that comes over it stands
// still. A broker takes no request, so no batch, above 100 MiB unless it is told to.
constexpr std::int64_t receive_bytes_min = std::int64_t{101} * 1024 * 1024;

// librdkafka 2.0.2 keeps about this much for each message and its headers until it is delivered.
constexpr std::int64_t producer_message_overhead_bytes = 512;

}  // namespace

std::string broker_list(const core::settings& settings) {
  std::string list;
  for (const auto& broker : settings.kafka.brokers) {
    if (!list.empty()) list += ',';
    list += broker;
  }
  return list;
}

std::vector<client_property> common_defaults(const core::settings& settings) {
  const std::string id = settings.workers.id.empty() ? "turnstile" : settings.workers.id;
  return {
      {"client.id", id.substr(0, core::client_id_bytes_max),
       "`workers.id`, or else the worker's id that its log shows: for the brokers' logs, quotas "
       "and "
       "tools"},
      {"socket.nagle.disable", "true", "Nagle's algorithm holds small requests back"},
      {"socket.keepalive.enable", "true", "finds connections that a firewall has dropped"},
      {"socket.connection.setup.timeout.ms", "3000", "a frozen broker takes connections too"},
      {"reconnect.backoff.max.ms", "2000", "resume soon after a broker came back"},
      {"topic.metadata.refresh.fast.interval.ms", "100", "find a new leader soon"},
      {"topic.metadata.refresh.interval.ms", "10000",
       "partitions that are added are soon read, and written to"},
      {"log.connection.close", "false", "brokers close idle connections; that is no news"},
      {"allow.auto.create.topics", "false", "a misspelled topic must not come into being"},
  };
}

std::vector<client_property> consumer_defaults(const core::settings& settings,
                                               const prefetch_shares& shares) {
  const std::int64_t fetch_max = fetch_bytes_max(settings, shares);
  std::vector<client_property> defaults{
      {"session.timeout.ms", std::to_string(core::session_timeout_ms_default),
       "after a kill others read on once it has passed"},
      {"heartbeat.interval.ms", "1000", "members hear of a rebalance within a second"},
      {"socket.timeout.ms", "5000",
       "less than a session: a frozen coordinator is noticed, and others are asked who coordinates "
       "now"},
      {"max.poll.interval.ms", "300000", "how long a rebalance waits for us"},
      {"partition.assignment.strategy", "range,roundrobin",
       "cooperative-sticky has known faults before librdkafka 2.10"},
      {"auto.offset.reset", "earliest", "a new group begins with what is there"},
      {"isolation.level", "read_committed", "aborted transactions are no input"},
      {"check.crcs", "true", "no silent corruption"},
      {"fetch.min.bytes", "20000",
       "at a paced load a Fetch for each few records costs more than the records"},
      {"fetch.wait.max.ms", "40",
       "what fetch.min.bytes may cost in latency where little comes; less costs an idle worker "
       "CPU"},
      {"fetch.error.backoff.ms", "100", "read on soon after an election"},
      {"queued.min.messages", std::to_string(shares.queued_messages_min), "memory.budget_mib"},
      {"queued.max.messages.kbytes", std::to_string(shares.queued_kbytes_max), "memory.budget_mib"},
      {"fetch.message.max.bytes", std::to_string(shares.fetch_partition_bytes),
       "memory.budget_mib"},
      {"fetch.max.bytes", std::to_string(fetch_max), "memory.budget_mib, input.value_bytes_max"},
      {"receive.message.max.bytes",
       std::to_string(std::max(receive_bytes_min, fetch_max + response_overhead_bytes)),
       "the largest batch that a broker takes by default, or what one unpacks to, may be larger "
       "than a "
       "Fetch"},
  };
  const auto is_for_classic = [](const client_property& property) {
    return std::ranges::count(core::classic_properties(), property.name) > 0;
  };
  if (core::consumer_protocol(settings)) std::erase_if(defaults, is_for_classic);
  return defaults;
}

std::optional<io_error> set_full_queue_pause(rd_kafka_conf_t* conf) {
  if (fetch_sleeps()) return {};
  return set_property(conf, "fetch.queue.backoff.ms", "10");
}

std::vector<client_property> producer_defaults(const core::settings& settings,
                                               std::int64_t queue_bytes) {
  const std::int64_t messages =
      std::max<std::int64_t>(queue_bytes / producer_message_overhead_bytes, 1000);
  return {
      {"linger.ms", std::to_string(settings.producer.linger_ms), "producer.linger_ms"},
      {"compression.codec", settings.producer.compression, "producer.compression"},
      {"compression.level", compression_level(settings),
       "`1` with zstd, its fastest: our records are mostly hashes, and 3, librdkafka's choice, "
       "makes them no smaller"},
      {"message.timeout.ms", std::to_string(message_timeout_ms(settings)),
       "producer.message_timeout_ms: bounds retries by time, not by number"},
      {"socket.timeout.ms", std::to_string(socket_timeout_ms(settings)),
       "a broker that is frozen is left, and its partitions' new leaders are asked for"},
      {"batch.size", "1000000", "large requests: fewer, and better compressed"},
      {"batch.num.messages", "10000", "librdkafka's own, stated: benchmarks depend on it"},
      {"retry.backoff.ms", "100", "constant in librdkafka before 2.3"},
      {"max.in.flight.requests.per.connection", "5", "the most that idempotence allows"},
      {"queue.buffering.max.messages", std::to_string(messages), "memory.budget_mib"},
      {"queue.buffering.max.kbytes",
       std::to_string(std::max<std::int64_t>(queue_bytes, send_bytes_max) / 1024 + 1),
       "payloads lie in our batches, bounded by credit; the largest record must fit"},
  };
}

std::vector<client_property> common_forced(const core::settings& settings) {
  return {
      {"bootstrap.servers", broker_list(settings), "kafka.brokers"},
      // With GSSAPI librdkafka gives a line with the values of other properties to the shell when a
      // client is made. Empty would mean its default.
      {"sasl.kerberos.kinit.cmd", "true", "no value of the configuration may reach a shell"},
      {"sasl.kerberos.min.time.before.relogin", "0", "the command is not run at all"},
  };
}

std::vector<client_property> consumer_forced(const core::settings& settings) {
  std::vector<client_property> forced{
      {"group.id", settings.kafka.group, "kafka.group"},
      {"enable.auto.commit", "false", "only what is acknowledged is committed"},
      {"enable.auto.offset.store", "false", "only what is acknowledged is committed"},
      {"enable.partition.eof", "true",
       "behind the last record may be transactions' markers: they are no lag"},
  };
  // Where a group begins is asked for and committed before it reads; a log that begins behind what
  // is committed is read from its beginning.
  if (core::begins_at_end(settings)) forced.push_back({"auto.offset.reset", "earliest", {}});
  return forced;
}

std::vector<client_property> producer_forced() {
  return {
      {"acks", "all", "an acknowledgement means all in-sync replicas"},
      {"enable.idempotence", "true", "retries keep order and repeat nothing"},
      {"message.max.bytes", std::to_string(send_bytes_max),
       "sizes are checked against the topics' own limits before sending"},
      {"delivery.report.only.error", "false", "each record's delivery is waited for"},
  };
}

}  // namespace turnstile::kafka_io
