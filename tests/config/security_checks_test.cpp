#include "config/security_checks.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "config/config.hpp"
#include "config/options.hpp"

namespace turnstile::core {

namespace {

constexpr int old_library = 0x020002ff;

config with(const std::vector<std::string>& sets, int rdkafka_version = old_library) {
  config_sources sources;
  sources.rdkafka_version = rdkafka_version;
  for (const auto& text : sets) sources.command_line.push_back(parse_override(text));
  return load_config(sources);
}

bool warns(const config& loaded, std::string_view words) {
  return std::ranges::any_of(loaded.warnings, [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

const std::string sasl_ssl = "kafka.security.protocol=sasl_ssl";
const std::string plain = "kafka.sasl.mechanism=PLAIN";
const std::string user = "kafka.sasl.username=u";
const std::string password = "kafka.sasl.password=hunter2";

}  // namespace

TEST_CASE("a broker's protocol must be the one of the clients") {
  CHECK(with({"kafka.brokers=SSL://k:1"}).faults ==
        std::vector<std::string>{
            "command line (--set): kafka.brokers: \"SSL://k:1\" does not go with security.protocol "
            "\"plaintext\"; name the brokers as HOST:PORT"});
  CHECK(with({"kafka.brokers=SSL://k:1", "kafka.security.protocol=ssl"}).faults.empty());
  CHECK(with({"kafka.brokers=plaintext://k:1"}).faults.empty());
  CHECK(with({"kafka.brokers=SSL://k:1", "kafka.security.protocol=ssl",
              "kafka.producer.security.protocol=plaintext"})
            .faults.size() == 1);
}

TEST_CASE("a login without user or password names what to set") {
  CHECK(with({sasl_ssl, plain, user}).faults ==
        std::vector<std::string>{
            "command line (--set): kafka.sasl.password: not set, and a login by PLAIN needs it; "
            "set the variable TURNSTILE_KAFKA_SASL_PASSWORD"});
  CHECK(with({sasl_ssl, "kafka.sasl.mechanisms=SCRAM-SHA-512"}).faults.size() == 2);
  CHECK(with({sasl_ssl, plain, user, password}).faults.empty());
  CHECK(with({sasl_ssl, "kafka.sasl.mechanism=GSSAPI"}).faults.empty());
}

TEST_CASE("OAUTHBEARER goes by OIDC only: unsigned tokens are refused") {
  const std::string oauth = "kafka.sasl.mechanism=OAUTHBEARER";
  CHECK(with({sasl_ssl, oauth}).faults.size() == 1);
  CHECK(with({sasl_ssl, oauth, "kafka.sasl.oauthbearer.method=default"}).faults.size() == 1);
  CHECK(with({sasl_ssl, oauth, "kafka.sasl.oauthbearer.method=OIDC"}).faults.empty());
}

TEST_CASE("SASL and TLS options beside plaintext are warned of, without their values") {
  for (const auto& option : {password, std::string{"kafka.ssl.ca.location=/hunter2"},
                             std::string{"kafka.consumer.ssl.ca.location=/hunter2"}}) {
    CAPTURE(option);
    const auto loaded = with({option});
    CHECK(warns(loaded, "without effect, because security.protocol is \"plaintext\""));
    CHECK_FALSE(warns(loaded, "hunter2"));
  }
  CHECK_FALSE(warns(with({password, user, plain, sasl_ssl}), "without effect"));
  CHECK_FALSE(warns(with({}), "without effect"));
}

TEST_CASE("cipher suites without encryption or certificate are warned of") {
  const auto warned = [](const std::string& suites) {
    return warns(with({"kafka.security.protocol=ssl", "kafka.ssl.cipher.suites=" + suites}),
                 "ssl.cipher.suites: ");
  };
  for (const auto* weak : {"NULL", "HIGH:aNULL", "eNULL", "TLS_RSA_WITH_NULL_SHA", "ADH-AES128-SHA",
                           "AECDH-AES128-SHA", "ALL@SECLEVEL=0", "HIGH:@SECLEVEL=0"}) {
    CAPTURE(weak);
    CHECK(warned(weak));
  }
  for (const auto* sound : {"HIGH", "HIGH:!aNULL:!eNULL", "ECDHE-RSA-AES256-GCM-SHA384"}) {
    CAPTURE(sound);
    CHECK_FALSE(warned(sound));
  }
}

TEST_CASE("SCRAM is warned of where librdkafka cannot do it with Kafka 4") {
  const std::vector<std::string> scram{sasl_ssl, "kafka.sasl.mechanism=scram-sha-256", user,
                                       password};
  CHECK(warns(with(scram), "cannot log in to Kafka 4"));
  CHECK(warns(with(scram, 0x020600ff), "cannot log in to Kafka 4"));
  CHECK_FALSE(warns(with(scram, 0x020601ff), "cannot log in to Kafka 4"));
  CHECK_FALSE(warns(with({sasl_ssl, plain, user, password}), "cannot log in to Kafka 4"));
}

TEST_CASE("a password on the command line is warned of, the path of a key is not") {
  CHECK(
      warns(with({password}), "kafka.sasl.password: by --set it stands in the list of processes"));
  CHECK(warns(with({password}), "TURNSTILE_KAFKA_SASL_PASSWORD"));
  CHECK_FALSE(warns(with({"kafka.ssl.key.location=/k"}), "list of processes"));
  const config unprintable = with({"kafka.sasl.\npassword=hunter2"});
  CHECK(warns(unprintable, R"(kafka.sasl.\npassword: by --set)"));
  CHECK(warns(unprintable, R"(TURNSTILE_KAFKA_SASL_\nPASSWORD)"));
  config_sources sources;
  sources.environment = {{"TURNSTILE_KAFKA_SASL_PASSWORD", "hunter2"}};
  CHECK_FALSE(warns(load_config(sources), "list of processes"));
}

TEST_CASE("a value with ${…} is refused, but in the environment it is what it is") {
  for (const auto* value : {"${PW}", "a${PW}b", "${PW:-x}"}) {
    CAPTURE(value);
    const auto loaded = with({std::string{"kafka.sasl.password="} + value});
    REQUIRE(loaded.faults.size() == 1);
    CHECK(loaded.faults[0] ==
          "command line (--set): kafka.sasl.password: holds ${…}, which is not replaced here; set "
          "the variable TURNSTILE_KAFKA_SASL_PASSWORD");
  }
  CHECK(with({"kafka.group=${GROUP}"}).faults.size() == 1);
  CHECK(with({"kafka.sasl.password=$PW{}", "kafka.sasl.username=${"}).faults.empty());
  config_sources sources;
  sources.environment = {{"TURNSTILE_KAFKA_SASL_PASSWORD", "${PW}"}};
  CHECK(load_config(sources).faults.empty());
}

}  // namespace turnstile::core
