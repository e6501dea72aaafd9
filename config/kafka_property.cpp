#include "config/kafka_property.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>

#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

constexpr std::string_view no_kinit =
    "it is for a shell command that is never run; keep the ticket with k5start, or name the "
    "keytab in KRB5_CLIENT_KTNAME";

constexpr std::array rows{
    refused_property{"bootstrap.servers", "use kafka.brokers", ""},
    refused_property{"metadata.broker.list", "use kafka.brokers", ""},
    refused_property{"group.id", "use kafka.group", ""},
    refused_property{"enable.auto.commit", "offsets are committed by the worker, after delivery",
                     ""},
    refused_property{"auto.commit.*", "offsets are committed by the worker; use commit.interval_ms",
                     ""},
    refused_property{"enable.auto.offset.store",
                     "offsets are committed by the worker, after delivery", ""},
    refused_property{"offset.store.*", "offsets are kept by the brokers; use commit.interval_ms",
                     ""},
    refused_property{"enable.partition.eof", "the engine needs to know where a partition ends", ""},
    refused_property{"acks", "always all: less loses records when a broker fails", ""},
    refused_property{"request.required.acks", "always all: less loses records when a broker fails",
                     ""},
    refused_property{"enable.idempotence", "always on: without it retries repeat and reorder", ""},
    refused_property{"enable.gapless.guarantee",
                     "not needed: the worker sends unfinished batches again in order", ""},
    refused_property{"retries",
                     "a count loses or reorders records; use producer.message_timeout_ms", ""},
    refused_property{"message.send.max.retries",
                     "a count loses or reorders records; use producer.message_timeout_ms", ""},
    refused_property{"max.in.flight", "more than 5 breaks the order of an idempotent producer",
                     "1..5"},
    refused_property{"max.in.flight.requests.per.connection",
                     "more than 5 breaks the order of an idempotent producer", "1..5"},
    refused_property{"transactional.id", "transactions are the engine's own affair", ""},
    refused_property{"transaction.timeout.ms", "use transaction.timeout_ms", ""},
    refused_property{"linger.ms", "use producer.linger_ms", ""},
    refused_property{"compression.codec", "use producer.compression", ""},
    refused_property{"compression.type", "use producer.compression", ""},
    refused_property{"message.timeout.ms", "use producer.message_timeout_ms", ""},
    refused_property{"delivery.timeout.ms", "use producer.message_timeout_ms", ""},
    refused_property{"queued.*", "derived from memory.budget_mib; change that", ""},
    refused_property{"queue.buffering.*",
                     "derived from memory.budget_mib; change that, or producer.linger_ms", ""},
    refused_property{"queuing.strategy", "the order of a partition must not change", ""},
    refused_property{"partitioner", "use topics.partitioner", ""},
    refused_property{"delivery.report.only.error", "every record's delivery is waited for", ""},
    refused_property{"allow.auto.create.topics",
                     "a misspelled name would make a topic; use topics.create", ""},
    refused_property{"plugin.library.paths", "it loads code into the worker", ""},
    refused_property{"sasl.kerberos.kinit.cmd", no_kinit, ""},
    refused_property{"sasl.kerberos.keytab", no_kinit, ""},
    refused_property{"sasl.kerberos.principal", no_kinit, ""},
    refused_property{"sasl.kerberos.min.time.before.relogin", no_kinit, ""},
    refused_property{"ssl.engine.*", "it loads code into the worker; use ssl.key.location", ""},
    refused_property{"ssl.providers", "it loads code into the worker; use ssl.key.location", ""},
    refused_property{"ssl_engine_*", "it loads code into the worker; use ssl.key.location", ""},
    refused_property{"test.mock.*",
                     "it replaces the brokers silently; use `turnstile demo` to try things", ""},
    refused_property{"producer.message.max.bytes",
                     "sizes are checked against the topics' own max.message.bytes; change those",
                     ""},
    refused_property{"message.copy.max.bytes", "payloads are never copied by this engine", ""},
    refused_property{"socket.max.fails", "0 never leaves a dead connection", "1..1000000"},
    refused_property{"enable.sasl.oauthbearer.unsecure.jwt",
                     "unsigned tokens let anyone in; use sasl.oauthbearer.method", "false"},
    refused_property{"enable.ssl.certificate.verification",
                     "anyone could pose as the broker; name its authority in ssl.ca.location",
                     "true"},
    refused_property{"ssl.endpoint.identification.algorithm",
                     "anyone with a certificate could pose as the broker; give the broker one for "
                     "its host name",
                     "https"},
    refused_property{"debug", "it can write secrets to the log; use log.level", ""},
    refused_property{"log_level", "use log.level", ""},
    refused_property{"log.queue", "the engine reads the client's log itself", ""},
    refused_property{"opaque", "it is a pointer of the engine's", ""},
    refused_property{"default_topic_conf", "it is a pointer of the engine's", ""},
    refused_property{"interceptors", "it loads code into the worker", ""},
    refused_property{"builtin.features", "it can only be read", ""},
    refused_property{"internal.*", "it is not for users", ""},
};

bool ends_in_callback(std::string_view name) {
  return name.ends_with("_cb") || name.ends_with("_cmp");
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_named(std::string_view row, std::string_view name) {
  if (row.ends_with('*')) return name.starts_with(row.substr(0, row.size() - 1));
  return row == name;
}

/// `allowed` is one text, or two decimal bounds `1..5`.
bool is_allowed(std::string_view value, std::string_view allowed) {
  const auto dots = allowed.find("..");
  if (dots == std::string_view::npos) return value == allowed;
  const auto number = [](std::string_view text) {
    std::int64_t n = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size() ? n : -1;
  };
  const auto n = number(value);
  return n >= number(allowed.substr(0, dots)) && n <= number(allowed.substr(dots + 2));
}

std::string shape_fault(std::string_view name, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return "must not contain a NUL byte";
  if (name == "client.id" && value.size() > client_id_bytes_max)
    return "is longer than " + std::to_string(client_id_bytes_max) + " bytes";
  return {};
}

}  // namespace

std::span<const refused_property> refused_properties() { return rows; }

std::string property_fault(std::string_view name, std::string_view value) {
  const std::string key = lower(name);
  for (const auto& row : rows) {
    if (!is_named(row.name, key)) continue;
    if (row.unless.empty()) return "cannot be set: " + std::string(row.reason);
    if (is_allowed(lower(value), row.unless)) return {};
    return "cannot be " + shown_property(name, value) + ": " + std::string(row.reason);
  }
  if (ends_in_callback(key)) return "cannot be set: it is a function of the engine's";
  return shape_fault(key, value);
}

bool is_secret_property(std::string_view name) {
  constexpr std::array<std::string_view, 9> words{"password",   "secret",     "key",
                                                  "token",      "pem",        "jaas",
                                                  "credential", "passphrase", "oauthbearer.config"};
  const std::string key = lower(name);
  return std::ranges::any_of(
      words, [&](std::string_view word) { return key.find(word) != std::string::npos; });
}

std::string shown_property(std::string_view name, std::string_view value) {
  return is_secret_property(name) ? "(hidden)" : quoted_short(value, 200);
}

std::string version_fault(std::string_view name, std::string_view value, int rdkafka_version) {
  constexpr int consumer_protocol_from = 0x020c0000;
  if (lower(name) != "group.protocol" || lower(value) != "consumer" ||
      rdkafka_version >= consumer_protocol_from)
    return {};
  const auto part = [&](int shift) { return std::to_string((rdkafka_version >> shift) & 0xff); };
  return "\"consumer\" needs librdkafka 2.12 or later, and this is " + part(24) + "." + part(16) +
         "." + part(8);
}

std::span<const std::string_view> classic_properties() {
  static constexpr std::array<std::string_view, 4> names{
      "session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy",
      "group.protocol.type"};
  return names;
}

const std::string* consumer_property(const settings& values, const char* name) {
  if (const auto own = values.kafka.consumer.find(name); own != values.kafka.consumer.end())
    return &own->second;
  if (const auto all = values.kafka.common.find(name); all != values.kafka.common.end())
    return &all->second;
  return nullptr;
}

bool consumer_protocol(const settings& s) {
  const auto* given = consumer_property(s, "group.protocol");
  return given != nullptr && lower(*given) == "consumer";
}

bool begins_at_end(const settings& s) {
  const auto* given = consumer_property(s, "auto.offset.reset");
  if (given == nullptr) return false;
  const std::string reset = lower(*given);
  return reset == "latest" || reset == "largest" || reset == "end";
}

}  // namespace turnstile::core
