#include "config/config_checks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "config/kafka_property.hpp"
#include "config/security_checks.hpp"
#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

using faults = std::vector<cross_fault>;

/// `name` must be below `limit`, or may equal it.
struct bound {
  std::string name;
  std::int64_t value = 0;
  std::string limit;
  std::int64_t limit_value = 0;
  bool may_equal = false;
  std::string_view why;
};

void check(const bound& b, faults& out) {
  if (b.value < b.limit_value || (b.may_equal && b.value == b.limit_value)) return;
  out.push_back({{b.name, b.limit},
                 std::to_string(b.value) + (b.may_equal ? " must not exceed " : " must be below ") +
                     b.limit + " (" + std::to_string(b.limit_value) + "): " + std::string(b.why)});
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// What librdkafka refuses only when the client is made, and in other words.
void check_protocol(const settings& s, faults& out) {
  for (const auto property : classic_properties()) {
    const std::string name{property};
    if (consumer_property(s, name.c_str()) == nullptr) continue;
    const bool own = s.kafka.consumer.contains(name);
    out.push_back({{(own ? "kafka.consumer." : "kafka.") + name, "kafka.consumer.group.protocol"},
                   "does not go with group.protocol = \"consumer\": the brokers decide it, by the "
                   "group's settings"});
  }
}

void check_session(const settings& s, faults& out) {
  constexpr const char* property = "session.timeout.ms";
  const bool own = s.kafka.consumer.contains(property);
  const std::string name = std::string(own ? "kafka.consumer." : "kafka.") + property;
  std::int64_t session = session_timeout_ms_default;
  if (const auto* given = consumer_property(s, property)) {
    const auto number = number_of(*given);
    if (!number || *number < 1) {
      out.push_back({{name}, quoted_short(*given) + " is not a number of milliseconds"});
      return;
    }
    session = *number;
  }
  check({"drain.timeout_ms", s.drain.timeout_ms,
         consumer_property(s, property) != nullptr ? name : "kafka.consumer.session.timeout.ms",
         session, false, "a drain that takes longer loses the partition"},
        out);
}

void check_topics(const settings& s, faults& out) {
  const std::array<std::pair<const char*, const std::string*>, 5> topics{
      {{"topics.input", &s.topics.input},
       {"topics.processed", &s.topics.processed},
       {"topics.errors", &s.topics.errors},
       {"topics.cleaned", &s.topics.cleaned},
       {"topics.summary", &s.topics.summary}}};
  for (std::size_t i = 0; i < topics.size(); ++i) {
    for (std::size_t j = i + 1; j < topics.size(); ++j) {
      if (*topics[i].second != *topics[j].second) continue;
      out.push_back({{topics[j].first, topics[i].first},
                     quoted_short(*topics[j].second) + " is also " + topics[i].first +
                         (i == 0 ? ": the worker would read what it writes, without end"
                                 : ": readers could not tell the records apart")});
    }
  }
}

void check_transactions(const settings& s, faults& out) {
  if (!exactly_once(s)) return;
  check({"transaction.interval_ms", s.transaction.interval_ms, "transaction.timeout_ms",
         s.transaction.timeout_ms, false, "the brokers would abort every transaction"},
        out);
  check({"producer.linger_ms", s.producer.linger_ms, "transaction.timeout_ms",
         s.transaction.timeout_ms, false, "no record would ever be sent in time"},
        out);
  const auto* isolation = consumer_property(s, "isolation.level");
  if (isolation != nullptr && *isolation != "read_committed")
    out.push_back({{"kafka.consumer.isolation.level", "delivery.guarantee"},
                   quoted_short(*isolation) +
                       " does not go with exactly-once: a partition could be read from an offset "
                       "whose transaction is still open"});
}

void check_seal(const settings& s, faults& out) {
  if (s.errors.content == error_content::sealed && s.errors.seal_key_file.empty())
    out.push_back({{"errors.content", "errors.seal_key_file"},
                   "\"sealed\" needs a public key; `turnstile keygen seal` makes one"});
}

bool makes_pseudonyms(const event_rules& rules) {
  const auto does = [](const method_rule& rule) {
    return rule.method == field_method::pseudonym || rule.invalid == invalid_value::pseudonym;
  };
  return does(rules.key) || does(rules.other_headers) ||
         std::ranges::any_of(rules.fields, does, &field_rule::method) ||
         std::ranges::any_of(rules.headers, does, &header_rule::method);
}

void warn_of_privacy(const settings& s, std::vector<std::string>& out) {
  if (s.privacy.hmac_key_file.empty() && s.privacy.key_dir.empty() && makes_pseudonyms(s.event))
    out.emplace_back(
        "privacy.hmac_key_file: not set, nor is privacy.key_dir, so pseudonyms are plain SHA-256, "
        "and all IPv4 addresses "
        "can be tried in minutes");
  if (s.errors.content == error_content::raw)
    out.emplace_back("errors.content: \"raw\" writes personal data to " + quoted(s.topics.errors));
  if (s.errors.content != error_content::sealed && !s.errors.seal_key_file.empty())
    out.emplace_back("errors.seal_key_file: not used, as errors.content is not \"sealed\"");
  if (s.errors.content == error_content::pseudonymised &&
      s.errors.unknown == unknown_fields::keep && s.event.unknown == unknown_policy::keep)
    out.emplace_back(
        "errors.unknown: \"keep\" writes what unknown fields hold, personal data too, to " +
        quoted(s.topics.errors));
}

}  // namespace

std::vector<cross_fault> cross_check(const settings& s) {
  faults out;
  check_topics(s, out);
  check({"producer.linger_ms", s.producer.linger_ms, "producer.message_timeout_ms",
         s.producer.message_timeout_ms, false, "no record would ever be sent in time"},
        out);
  check({"producer.retry_backoff_ms", s.producer.retry_backoff_ms, "producer.retry_backoff_max_ms",
         s.producer.retry_backoff_max_ms, true, "the pause only grows"},
        out);
  if (!s.privacy.key_dir.empty() && !s.privacy.hmac_key_file.empty())
    out.push_back({{"privacy.key_dir", "privacy.hmac_key_file"},
                   "give the pseudonyms' key in one place: a folder of keys, or the file of one"});
  if (consumer_protocol(s))
    check_protocol(s, out);
  else
    check_session(s, out);
  check_transactions(s, out);
  check_security(s, out);
  check_seal(s, out);
  check({"drain.timeout_ms", s.drain.timeout_ms, "shutdown.timeout_ms", s.shutdown.timeout_ms,
         false, "a stop drains first"},
        out);
  return out;
}

std::vector<std::string> config_warnings(const settings& s, int rdkafka_version) {
  constexpr int cooperative_is_sound = 0x020a0000;
  std::vector<std::string> out;
  warn_of_privacy(s, out);
  warn_of_security(s, rdkafka_version, out);
  const auto* strategy = consumer_property(s, "partition.assignment.strategy");
  if (strategy != nullptr && strategy->find("cooperative") != std::string::npos &&
      rdkafka_version < cooperative_is_sound)
    out.emplace_back(
        "kafka.consumer.partition.assignment.strategy: cooperative-sticky may repeat records and "
        "hang in librdkafka before 2.10");
  const auto* isolation = consumer_property(s, "isolation.level");
  if (isolation != nullptr && *isolation == "read_uncommitted")
    out.emplace_back(
        "kafka.consumer.isolation.level: \"read_uncommitted\" also processes events of aborted "
        "transactions");
  if (begins_at_end(s))
    out.emplace_back(
        "kafka.consumer.auto.offset.reset: with latest a new group never reads what is there when "
        "it begins; it begins with what comes after its first worker was given the partition");
  if (s.input.value_bytes_max > std::int64_t{s.memory.budget_mib} * 1024 * 1024 / 8)
    out.emplace_back(
        "input.value_bytes_max: more than an eighth of memory.budget_mib; few such values at once "
        "would exceed it");
  return out;
}

}  // namespace turnstile::core
