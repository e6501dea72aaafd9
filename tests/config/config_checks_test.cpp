#include "config/config_checks.hpp"

#include <string>

#include <doctest/doctest.h>

#include "config/config.hpp"
#include "config/options.hpp"

namespace turnstile::core {

namespace {

std::vector<std::string> faults_of(std::vector<std::string> sets) {
  config_sources sources;
  for (const auto& text : sets) sources.command_line.push_back(parse_override(text));
  return load_config(sources).faults;
}

bool warns(const settings& values, std::string_view name, int rdkafka_version = 0) {
  for (const auto& line : config_warnings(values, rdkafka_version))
    if (line.starts_with(name)) return true;
  return false;
}

}  // namespace

TEST_CASE("the defaults have no fault") { CHECK(cross_check(default_settings()).empty()); }

TEST_CASE("a topic that is read cannot be written, and outputs are apart") {
  CHECK(
      faults_of({"topics.errors=user-login"}) ==
      std::vector<std::string>{"command line (--set): topics.errors: \"user-login\" is also "
                               "topics.input: the worker would read what it writes, without end"});
  CHECK(faults_of({"topics.cleaned=x", "topics.summary=x"}).size() == 1);
  CHECK(faults_of({"topics.input=x", "topics.errors=x", "topics.summary=x"}).size() == 3);
}

TEST_CASE("the drain ends before the session and before the shutdown") {
  CHECK(faults_of({"drain.timeout_ms=9999"}).empty());
  CHECK(faults_of({"drain.timeout_ms=10000"}) ==
        std::vector<std::string>{
            "command line (--set): drain.timeout_ms: 10000 must be below "
            "kafka.consumer.session.timeout.ms (10000): a drain that takes longer loses the "
            "partition"});
  CHECK(faults_of({"kafka.consumer.session.timeout.ms=5001"}).empty());
  CHECK(faults_of({"kafka.consumer.session.timeout.ms=5000"}).size() == 1);
  CHECK(faults_of({"kafka.session.timeout.ms=5000"}).size() == 1);
  CHECK(faults_of({"kafka.consumer.session.timeout.ms=20000", "drain.timeout_ms=15000"}).empty());
  CHECK(faults_of({"kafka.consumer.session.timeout.ms=ten"}).size() == 1);
  CHECK(faults_of({"shutdown.timeout_ms=5001"}).empty());
  CHECK(faults_of({"shutdown.timeout_ms=5000"}).size() == 1);
}

TEST_CASE("with the consumer protocol the brokers decide what classic properties say") {
  config_sources sources{.rdkafka_version = 0x020c00ff};
  sources.command_line = {parse_override("kafka.consumer.group.protocol=consumer"),
                          parse_override("drain.timeout_ms=15000")};
  CHECK(load_config(sources).faults.empty());
  sources.command_line.push_back(parse_override("kafka.session.timeout.ms=20000"));
  sources.command_line.push_back(
      parse_override("kafka.consumer.partition.assignment.strategy=range"));
  CHECK(load_config(sources).faults ==
        std::vector<std::string>{
            "command line (--set): kafka.session.timeout.ms: does not go with group.protocol = "
            "\"consumer\": the brokers decide it, by the group's settings",
            "command line (--set): kafka.consumer.partition.assignment.strategy: does not go with "
            "group.protocol = \"consumer\": the brokers decide it, by the group's settings"});
}

TEST_CASE("the consumer protocol is refused of a librdkafka that is too old for it") {
  config_sources sources{.rdkafka_version = 0x020b01ff};
  sources.command_line = {parse_override("kafka.consumer.group.protocol=Consumer")};
  CHECK(load_config(sources).faults ==
        std::vector<std::string>{
            "command line (--set): kafka.consumer.group.protocol: \"consumer\" needs librdkafka "
            "2.12 or later, and this is 2.11.1"});
  sources.command_line = {parse_override("kafka.consumer.group.protocol=classic")};
  CHECK(load_config(sources).faults.empty());
}

TEST_CASE("the first pause may equal the longest, the linger not the delivery's time") {
  CHECK(faults_of({"producer.retry_backoff_ms=5000"}).empty());
  CHECK(faults_of({"producer.retry_backoff_ms=5001"}).size() == 1);
  CHECK(faults_of({"producer.linger_ms=119999"}).empty());
  CHECK(faults_of({"producer.linger_ms=120000"}).size() == 1);
}

TEST_CASE("a value that was refused already is not told a second time by its default") {
  CHECK(faults_of({"drain.timeout_ms=x", "kafka.consumer.session.timeout.ms=4000"}).size() == 1);
}

TEST_CASE("transactions must fit into their own time") {
  const std::string exact = "delivery.guarantee=exactly-once";
  CHECK(faults_of({exact}).empty());
  CHECK(faults_of({exact, "transaction.interval_ms=10000"}).size() == 1);
  CHECK(faults_of({exact, "producer.linger_ms=10000"}).size() == 1);
  CHECK(faults_of({"transaction.interval_ms=10000"}).empty());
}

TEST_CASE("exactly-once does not go with reading what is not committed") {
  const std::string uncommitted = "kafka.consumer.isolation.level=read_uncommitted";
  CHECK(faults_of({"delivery.guarantee=exactly-once", uncommitted}).size() == 1);
  CHECK(faults_of({uncommitted}).empty());
}

TEST_CASE("one producer at least, and 64 at most") {
  for (const auto* few_enough : {"workers.producers=1", "workers.producers=64"})
    CHECK(faults_of({few_enough}).empty());
  for (const auto* wrong : {"workers.producers=0", "workers.producers=65"})
    CHECK(faults_of({wrong}).size() == 1);
}

TEST_CASE("pseudonyms without a key are warned of") {
  settings values = default_settings();
  CHECK(warns(values, "privacy.hmac_key_file"));
  values.privacy.hmac_key_file = "/etc/turnstile/key";
  CHECK_FALSE(warns(values, "privacy.hmac_key_file"));
}

TEST_CASE("the pseudonyms' key is in one place") {
  auto values = default_settings();
  values.privacy.key_dir = "/etc/turnstile/keys";
  CHECK_FALSE(warns(values, "privacy.hmac_key_file"));
  CHECK(cross_check(values).empty());
  values.privacy.hmac_key_file = "/etc/turnstile/key";
  REQUIRE(cross_check(values).size() == 1);
  CHECK(cross_check(values)[0].names ==
        std::vector<std::string>{"privacy.key_dir", "privacy.hmac_key_file"});
}

TEST_CASE("cooperative assignment is warned of where librdkafka has its faults") {
  settings values = default_settings();
  values.kafka.consumer["partition.assignment.strategy"] = "cooperative-sticky";
  const auto* name = "kafka.consumer.partition.assignment.strategy";
  CHECK(warns(values, name, 0x020002ff));
  CHECK(warns(values, name, 0x020801ff));
  CHECK_FALSE(warns(values, name, 0x020a00ff));
  CHECK_FALSE(warns(default_settings(), name, 0x020002ff));
}

TEST_CASE("personal data in clear is warned of") {
  settings values = default_settings();
  values.errors.content = error_content::raw;
  values.kafka.common["security.protocol"] = "sasl_plaintext";
  CHECK(warns(values, "errors.content"));
  values.errors.unknown = unknown_fields::keep;
  CHECK_FALSE(warns(values, "errors.unknown"));
  values.errors.content = error_content::pseudonymised;
  CHECK(warns(values, "errors.unknown"));
  values.event.unknown = unknown_policy::drop;
  CHECK_FALSE(warns(values, "errors.unknown"));
  CHECK(warns(values, "kafka.security.protocol"));
}

TEST_CASE("pseudonyms without a key are warned of, and no others") {
  settings values = default_settings();
  CHECK(warns(values, "privacy.hmac_key_file"));
  values.event.fields.clear();
  CHECK_FALSE(warns(values, "privacy.hmac_key_file"));
  values.event.headers = {{"user", {.method = field_method::pseudonym}}};
  CHECK(warns(values, "privacy.hmac_key_file"));
}

TEST_CASE("values that could fill the memory are warned of") {
  settings values = default_settings();
  values.input.value_bytes_max = 32 * 1024 * 1024;
  CHECK_FALSE(warns(values, "input.value_bytes_max"));
  values.input.value_bytes_max += 1;
  CHECK(warns(values, "input.value_bytes_max"));
}

}  // namespace turnstile::core
