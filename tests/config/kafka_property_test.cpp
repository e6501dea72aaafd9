#include "config/kafka_property.hpp"

#include <string>

#include <doctest/doctest.h>

namespace turnstile::core {

TEST_CASE("each property that the engine owns or that is dangerous is refused with a reason") {
  for (const auto* name : {"bootstrap.servers",
                           "metadata.broker.list",
                           "group.id",
                           "enable.auto.commit",
                           "auto.commit.enable",
                           "auto.commit.interval.ms",
                           "enable.auto.offset.store",
                           "offset.store.method",
                           "enable.partition.eof",
                           "acks",
                           "request.required.acks",
                           "enable.idempotence",
                           "retries",
                           "message.send.max.retries",
                           "transactional.id",
                           "linger.ms",
                           "compression.type",
                           "compression.codec",
                           "message.timeout.ms",
                           "delivery.timeout.ms",
                           "queued.min.messages",
                           "queued.max.messages.kbytes",
                           "queue.buffering.max.ms",
                           "queue.buffering.max.messages",
                           "queue.buffering.max.kbytes",
                           "queuing.strategy",
                           "partitioner",
                           "allow.auto.create.topics",
                           "plugin.library.paths",
                           "sasl.kerberos.kinit.cmd",
                           "sasl.kerberos.keytab",
                           "sasl.kerberos.principal",
                           "sasl.kerberos.min.time.before.relogin",
                           "ssl.engine.location",
                           "ssl.engine.id",
                           "ssl.providers",
                           "test.mock.num.brokers",
                           "test.mock.broker.rtt",
                           "message.copy.max.bytes",
                           "producer.message.max.bytes",
                           "debug",
                           "log_cb",
                           "error_cb",
                           "rebalance_cb",
                           "dr_msg_cb",
                           "opaque",
                           "interceptors",
                           "log_level",
                           "log.queue",
                           "ssl_engine_callback_data",
                           "msg_order_cmp"}) {
    CAPTURE(name);
    CHECK(property_fault(name, "x").find("cannot be set: ") == 0);
  }
}

TEST_CASE("a refused property cannot be slipped in by another spelling") {
  CHECK_FALSE(property_fault("Enable.Auto.Commit", "true").empty());
  CHECK_FALSE(property_fault("DEBUG", "all").empty());
}

TEST_CASE("some properties are refused only for values that are dangerous") {
  const auto refused = [](const char* name, const char* value) {
    return !property_fault(name, value).empty();
  };
  for (const auto* name : {"max.in.flight", "max.in.flight.requests.per.connection"}) {
    CHECK_FALSE(refused(name, "1"));
    CHECK_FALSE(refused(name, "5"));
    for (const auto* bad : {"0", "6", "1000000", "", "0x6", "5 ", "-1"}) {
      CAPTURE(bad);
      CHECK(refused(name, bad));
    }
  }
  CHECK_FALSE(refused("socket.max.fails", "1"));
  CHECK(refused("socket.max.fails", "0"));
  CHECK(refused("socket.max.fails", "00"));
  CHECK_FALSE(refused("enable.sasl.oauthbearer.unsecure.jwt", "false"));
  CHECK(refused("enable.sasl.oauthbearer.unsecure.jwt", "true"));
  CHECK(refused("enable.sasl.oauthbearer.unsecure.jwt", "1"));
  CHECK_FALSE(refused("enable.ssl.certificate.verification", "true"));
  CHECK(refused("enable.ssl.certificate.verification", "false"));
  CHECK(refused("enable.ssl.certificate.verification", "F"));
  CHECK_FALSE(refused("ssl.endpoint.identification.algorithm", "https"));
  CHECK(refused("ssl.endpoint.identification.algorithm", "none"));
}

TEST_CASE("client.id may have 64 bytes and not one more") {
  CHECK(property_fault("client.id", std::string(64, 'c')).empty());
  CHECK_FALSE(property_fault("client.id", std::string(65, 'c')).empty());
}

TEST_CASE("a NUL byte, which would cut the value short, is refused") {
  CHECK_FALSE(property_fault("ssl.ca.location", std::string("/a\0b", 4)).empty());
}

TEST_CASE("ordinary properties pass") {
  for (const auto* name :
       {"security.protocol", "sasl.mechanism", "sasl.username", "sasl.password", "ssl.ca.location",
        "ssl.key.pem", "session.timeout.ms", "group.instance.id", "partition.assignment.strategy",
        "auto.offset.reset", "batch.size", "socket.timeout.ms", "compression.level",
        "message.max.bytes"}) {
    CAPTURE(name);
    CHECK(property_fault(name, "x").empty());
  }
}

TEST_CASE("whatever sounds like a secret is hidden") {
  for (const auto* name :
       {"sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.certificate.pem",
        "ssl.keystore.password", "sasl.oauthbearer.client.secret", "sasl.jaas.config",
        "sasl.oauthbearer.token.endpoint.url", "some.future.credential", "SASL.PASSWORD",
        "sasl.oauthbearer.config", "ssl.key.location"}) {
    CAPTURE(name);
    CHECK(shown_property(name, "hunter2") == "(hidden)");
  }
  CHECK(shown_property("sasl.username", "alice") == "\"alice\"");
  CHECK(shown_property("security.protocol", "ssl") == "\"ssl\"");
}

TEST_CASE("a refusal never repeats the value of a secret") {
  for (const auto& row : refused_properties()) {
    std::string name(row.name);
    if (name.ends_with('*')) name.replace(name.size() - 1, 1, "password");
    if (!is_secret_property(name)) continue;
    CAPTURE(name);
    CHECK(property_fault(name, "hunter2").find("hunter2") == std::string::npos);
  }
}

}  // namespace turnstile::core
