#include "kafka_io/client/connection_trouble.hpp"

#include <array>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/ask/admin.hpp"
#include "kafka_io/client/client_config.hpp"
#include "test_settings.hpp"

namespace turnstile::kafka_io {
namespace {

using std::chrono::seconds;

const std::string refused =
    "ssl://kafka1:9093/bootstrap: Connect to ipv6#[::1]:9093 failed: Connection refused (after 0ms "
    "in state CONNECT, 3 identical error(s) suppressed)";
const std::string wrong_ca =
    "ssl://kafka1:9093/bootstrap: SSL handshake failed: certificate verify failed (after 4ms in "
    "state SSL_HANDSHAKE)";
const std::string closed = "kafka1:9093/1: Disconnected (after 4ms in state UP)";

constexpr connection_causes::time_point start{seconds{1000}};

std::string why_not(const core::settings& settings) {
  const auto brokers = admin::open(settings);
  REQUIRE(brokers);
  const auto error = brokers->wait_for_broker(seconds{3});
  REQUIRE(error);
  return error->text;
}

TEST_CASE("a cause is told without the broker's role and the states of librdkafka") {
  connection_causes causes;
  causes.note("FAIL", refused, start);
  CHECK(causes.told(start) ==
        "ssl://kafka1:9093: Connect to ipv6#[::1]:9093 failed: Connection refused");
}

TEST_CASE("the cause that says most is told, and of its kind the last") {
  connection_causes causes;
  causes.note("FAIL", closed, start);
  CHECK(causes.told(start) == "kafka1:9093/1: Disconnected");
  causes.note("FAIL", wrong_ca, start);
  causes.note("FAIL", refused, start);
  CHECK(causes.told(start).ends_with("certificate verify failed"));
  causes.note("FAIL", "kafka2:9093/2: SASL authentication error: no (after 1ms in state AUTH)",
              start);
  CHECK(causes.told(start) == "kafka2:9093/2: SASL authentication error: no");
}

TEST_CASE("what is wrong with a certificate says more than that something is") {
  connection_causes causes;
  causes.note("SSLCERTVRFY", "ssl://k:1/bootstrap: Certificate (subject=/CN=k) failed: expired",
              start);
  causes.note("FAIL", wrong_ca, start);
  CHECK(causes.told(start) == "ssl://k:1: Certificate (subject=/CN=k) failed: expired");
}

TEST_CASE("a certificate that OpenSSL refuses stays refused, and what it takes is taken") {
  const auto verdict = [](int error) {
    std::array<char, 100> text{};
    const int taken = verify_certificate(nullptr, "", 0, &error, 0, nullptr, 0, text.data(),
                                         text.size(), nullptr);
    return std::pair{taken, std::string{text.data()}};
  };
  CHECK(verdict(0) == std::pair{1, std::string{}});
  CHECK(verdict(10) == std::pair{0, std::string{"it has expired"}});
  for (int error = 1; error < 100; ++error) CHECK(verdict(error).first == 0);
}

TEST_CASE("what is not told again within a minute is no cause any more") {
  connection_causes causes;
  causes.note("FAIL", wrong_ca, start);
  causes.note("FAIL", refused, start + seconds{30});
  CHECK(causes.told(start + seconds{60}).ends_with("certificate verify failed"));
  CHECK(causes.told(start + seconds{61}).ends_with("Connection refused"));
  CHECK(causes.told(start + seconds{91}).empty());
}

TEST_CASE("a line that is no failure of a connection is no cause") {
  connection_causes causes;
  causes.note("ERROR", "1/1 brokers are down", start);
  causes.note("GETPID", "Failed to acquire PID", start);
  CHECK(causes.told(start).empty());
}

TEST_CASE("a broker that is not there is told with the reason, not as a failed transport") {
  auto settings = testing::test_settings();
  settings.kafka.brokers = {"127.0.0.1:1"};
  CHECK(why_not(settings) ==
        "no broker answers: 127.0.0.1:1: Connect to ipv4#127.0.0.1:1 failed: Connection refused");
}

TEST_CASE("a broker without a name is told with the reason") {
  auto settings = testing::test_settings();
  settings.kafka.brokers = {"no-such-host.invalid:9092"};
  CHECK(why_not(settings).starts_with(
      "no broker answers: no-such-host.invalid:9092: Failed to resolve"));
}

TEST_CASE_FIXTURE(testing::broker_fixture, "TLS spoken to a plain listener is told as that") {
  settings.kafka.common["security.protocol"] = "ssl";
  const std::string why = why_not(settings);
  CAPTURE(why);
  CHECK(why.find("connecting to a PLAINTEXT broker listener?") != std::string::npos);
}

TEST_CASE("a client that has ended leaves no cause to the next one at its address") {
  auto settings = testing::test_settings();
  settings.kafka.brokers = {"127.0.0.1:1"};
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*plain_config(settings)));
  REQUIRE(client);
  const rd_kafka_t* address = client->get();
  note_client_line(address, "FAIL", wrong_ca);
  CHECK_FALSE(connection_trouble(address).empty());
  client = io_error{};
  CHECK(connection_trouble(address).empty());
}

}  // namespace
}  // namespace turnstile::kafka_io
