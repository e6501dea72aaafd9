#include "kafka_io/client/client_config.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "kafka_io/client/librdkafka.hpp"
#include "kafka_io/worker/worker_clients.hpp"
#include "test_settings.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::test_settings;

constexpr std::int64_t queue_bytes = 40 * 1024 * 1024;

prefetch_shares shares() { return divide_budget(256, 24, core::guarantee::at_least_once).prefetch; }

TEST_CASE("librdkafka accepts the default consumer configuration") {
  auto conf = consumer_config(test_settings(), shares());
  REQUIRE(conf);
  CHECK(property_of(conf->get(), "session.timeout.ms") == "10000");
  CHECK(property_of(conf->get(), "isolation.level") == "read_committed");
  CHECK(property_of(conf->get(), "group.id") == "turnstile-test");
  CHECK(make_client(RD_KAFKA_CONSUMER, std::move(*conf)));
}

TEST_CASE("with the consumer protocol a member sets nothing that the brokers decide") {
  auto settings = test_settings();
  settings.kafka.consumer["group.protocol"] = "consumer";
  for (const auto& property : consumer_defaults(settings, shares())) {
    CHECK(property.name != "session.timeout.ms");
    CHECK(property.name != "heartbeat.interval.ms");
    CHECK(property.name != "partition.assignment.strategy");
  }
}

TEST_CASE("a Fetch waits for 20,000 bytes or 40 ms") {
  auto consumer = consumer_config(test_settings(), shares());
  REQUIRE(consumer);
  CHECK(property_of(consumer->get(), "fetch.min.bytes") == "20000");
  CHECK(property_of(consumer->get(), "fetch.wait.max.ms") == "40");
}

TEST_CASE("a full queue is fetched again after 10 ms where librdkafka can be told so") {
  const auto conf = consumer_config(test_settings(), shares());
  REQUIRE(conf);
  CHECK(property_of(conf->get(), "fetch.queue.backoff.ms") == (fetch_sleeps() ? "" : "10"));
}

TEST_CASE("librdkafka accepts the default producer configuration") {
  auto conf = producer_config(test_settings(), queue_bytes);
  REQUIRE(conf);
  CHECK(property_of(conf->get(), "enable.idempotence") == "true");
  CHECK(property_of(conf->get(), "compression.codec") == "snappy");
  CHECK(make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
}

TEST_CASE("zstd compresses at its fastest level, other codecs at their own, unless the user says") {
  auto settings = test_settings();
  const auto level = [&] {
    auto conf = producer_config(settings, queue_bytes);
    REQUIRE(conf);
    return property_of(conf->get(), "compression.level");
  };
  CHECK(level() == "-1");
  settings.producer.compression = "zstd";
  CHECK(level() == "1");
  settings.kafka.producer["compression.level"] = "3";
  CHECK(level() == "3");
}

TEST_CASE("no delivery is tried for longer than its transaction may last") {
  auto settings = test_settings();
  settings.transaction.timeout_ms = 10'000;
  auto at_least_once = producer_config(settings, queue_bytes);
  settings.delivery.guarantee = core::guarantee::exactly_once;
  auto exactly_once = producer_config(settings, queue_bytes);
  REQUIRE(at_least_once);
  REQUIRE(exactly_once);
  CHECK(property_of(at_least_once->get(), "message.timeout.ms") == "120000");
  CHECK(property_of(exactly_once->get(), "message.timeout.ms") == "10000");
}

TEST_CASE("the transactional id is the worker's own, and the same after a restart") {
  auto settings = test_settings();
  settings.workers.id = "w1";
  CHECK(transactional_id(settings, "w1-1a2b", 0) == "turnstile-test-w1-0");
  settings.workers.id.clear();
  CHECK(transactional_id(settings, "host-1a2b", 1) == "turnstile-test-host-1a2b-1");
}

TEST_CASE("a property of [kafka] reaches all clients, one of a client overrides it") {
  auto settings = test_settings();
  settings.kafka.common["socket.timeout.ms"] = "11000";
  settings.kafka.consumer["socket.timeout.ms"] = "12000";
  auto consumer = consumer_config(settings, shares());
  auto producer = producer_config(settings, queue_bytes);
  auto plain = plain_config(settings);
  REQUIRE(consumer);
  REQUIRE(producer);
  REQUIRE(plain);
  CHECK(property_of(consumer->get(), "socket.timeout.ms") == "12000");
  CHECK(property_of(producer->get(), "socket.timeout.ms") == "11000");
  CHECK(property_of(plain->get(), "socket.timeout.ms") == "11000");
}

TEST_CASE("our defaults give way to the user's properties") {
  auto settings = test_settings();
  settings.kafka.consumer["partition.assignment.strategy"] = "cooperative-sticky";
  settings.kafka.producer["linger.ms"] = "50";
  auto consumer = consumer_config(settings, shares());
  auto producer = producer_config(settings, queue_bytes);
  REQUIRE(consumer);
  REQUIRE(producer);
  CHECK(property_of(consumer->get(), "partition.assignment.strategy") == "cooperative-sticky");
  CHECK(property_of(producer->get(), "linger.ms") == "50");
}

TEST_CASE("what the engine forces cannot be overridden") {
  auto settings = test_settings();
  settings.kafka.common["enable.auto.commit"] = "true";
  settings.kafka.consumer["enable.auto.offset.store"] = "true";
  settings.kafka.producer["acks"] = "1";
  settings.kafka.producer["enable.idempotence"] = "false";
  auto consumer = consumer_config(settings, shares());
  auto producer = producer_config(settings, queue_bytes);
  REQUIRE(consumer);
  REQUIRE(producer);
  CHECK(property_of(consumer->get(), "enable.auto.commit") == "false");
  CHECK(property_of(consumer->get(), "enable.auto.offset.store") == "false");
  CHECK(property_of(producer->get(), "acks") == "-1");
  CHECK(property_of(producer->get(), "enable.idempotence") == "true");
}

TEST_CASE("no client gives a value of the configuration to a shell") {
  auto settings = test_settings();
  settings.transaction.timeout_ms = 10'000;
  settings.kafka.common["security.protocol"] = "sasl_plaintext";
  settings.kafka.common["sasl.kerberos.kinit.cmd"] = "id >/tmp/x";
  settings.kafka.common["sasl.kerberos.keytab"] = "/x\"; id >/tmp/x; : \"";
  settings.kafka.common["sasl.kerberos.min.time.before.relogin"] = "60000";
  for (const auto& conf :
       {consumer_config(settings, shares()), producer_config(settings, queue_bytes),
        transactional_config(settings, queue_bytes, "t"), plain_config(settings)}) {
    REQUIRE(conf);
    CHECK(property_of(conf->get(), "sasl.kerberos.kinit.cmd") == "true");
    CHECK(property_of(conf->get(), "sasl.kerberos.min.time.before.relogin") == "0");
  }
}

TEST_CASE("an unknown property is refused by name and table") {
  auto settings = test_settings();
  settings.kafka.producer["linger.sm"] = "5";
  auto conf = producer_config(settings, queue_bytes);
  REQUIRE_FALSE(conf);
  CHECK(conf.error().text == "kafka.producer: librdkafka knows no property \"linger.sm\"");
}

TEST_CASE("a bad value is refused in one line that names the property") {
  auto settings = test_settings();
  settings.kafka.common["socket.timeout.ms"] = "soon";
  auto conf = consumer_config(settings, shares());
  REQUIRE_FALSE(conf);
  CHECK(conf.error().text.find("socket.timeout.ms") != std::string::npos);
  CHECK(conf.error().text.find('\n') == std::string::npos);
}

TEST_CASE("a refused value that may be a secret is not repeated") {
  auto settings = test_settings();
  settings.kafka.common["sasl.oauthbearer.method"] = "hunter2";
  auto conf = plain_config(settings);
  REQUIRE_FALSE(conf);
  CHECK(conf.error().text.find("hunter2") == std::string::npos);
  CHECK(conf.error().text.find("sasl.oauthbearer.method") != std::string::npos);
}

TEST_CASE("a client id longer than librdkafka bears is refused") {
  auto settings = test_settings();
  settings.kafka.common["client.id"] = std::string(65, 'x');
  auto conf = plain_config(settings);
  REQUIRE_FALSE(conf);
  CHECK(conf.error().text.find("client.id") != std::string::npos);
}

TEST_CASE("a larger message.max.bytes in [kafka] lets the consumer fetch as much") {
  auto settings = test_settings();
  settings.kafka.common["message.max.bytes"] = "50000000";
  auto conf = consumer_config(settings, shares());
  REQUIRE(conf);
  CHECK(property_of(conf->get(), "fetch.max.bytes") == "50000000");
  CHECK(make_client(RD_KAFKA_CONSUMER, std::move(*conf)));
}

TEST_CASE("values up to the input limit can be received with key and headers") {
  auto settings = test_settings();
  settings.input.value_bytes_max = 20'000'000;
  auto conf = consumer_config(settings, shares());
  REQUIRE(conf);
  CHECK(std::stol(property_of(conf->get(), "fetch.max.bytes")) > 20'000'000);
  CHECK(make_client(RD_KAFKA_CONSUMER, std::move(*conf)));
}

TEST_CASE("the largest batch that a broker takes can be received, whatever the memory budget") {
  for (const int budget_mib : {64, 256, 4096}) {
    const auto prefetch = divide_budget(budget_mib, 24, core::guarantee::at_least_once).prefetch;
    auto conf = consumer_config(test_settings(), prefetch);
    REQUIRE(conf);
    CHECK(std::stol(property_of(conf->get(), "receive.message.max.bytes")) > 100 * 1024 * 1024);
  }
}

TEST_CASE("a small memory budget and many partitions give a configuration that works") {
  auto conf = consumer_config(test_settings(),
                              divide_budget(1, 10000, core::guarantee::at_least_once).prefetch);
  REQUIRE(conf);
  CHECK(make_client(RD_KAFKA_CONSUMER, std::move(*conf)));
  auto producer = producer_config(test_settings(), 1);
  REQUIRE(producer);
  CHECK(make_client(RD_KAFKA_PRODUCER, std::move(*producer)));
}

TEST_CASE("a request to a broker that is frozen is given up while its transaction lives") {
  auto settings = test_settings();
  const auto waits = [&settings] {
    const auto conf = producer_config(settings, queue_bytes);
    REQUIRE(conf);
    return property_of(conf->get(), "socket.timeout.ms");
  };
  CHECK(waits() == "10000");
  settings.delivery.guarantee = core::guarantee::exactly_once;
  settings.transaction.timeout_ms = 9000;
  CHECK(waits() == "3000");
  settings.transaction.timeout_ms = 60'000;
  CHECK(waits() == "10000");
}

TEST_CASE("each default of a client stands once and says why") {
  for (const auto& own : {consumer_defaults(test_settings(), shares()),
                          producer_defaults(test_settings(), queue_bytes)}) {
    std::set<std::string> names;
    for (const auto& table : {common_defaults(test_settings()), own}) {
      for (const auto& property : table) {
        CAPTURE(property.name);
        CHECK(names.insert(property.name).second);
        CHECK_FALSE(property.why.empty());
      }
    }
  }
}

}  // namespace
}  // namespace turnstile::kafka_io
