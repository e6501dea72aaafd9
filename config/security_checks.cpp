#include "config/security_checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string_view>

#include "config/options.hpp"
#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

/// What one kind of client gets: all get `[kafka]`, consumer and producers also their own table.
struct client_view {
  std::string prefix;  ///< Of the names of its properties.
  const kafka_properties* own = nullptr;
  const kafka_properties* common = nullptr;

  /// The first of `names` that is set; aliases of one property.
  [[nodiscard]] std::string_view value(std::initializer_list<const char*> names) const {
    for (const auto* from : {own, common})
      for (const auto* name : names)
        if (const auto found = from->find(name); found != from->end()) return found->second;
    return {};
  }
};

std::array<client_view, 3> views_of(const settings& s) {
  return {{{"kafka.", &s.kafka.common, &s.kafka.common},
           {"kafka.consumer.", &s.kafka.consumer, &s.kafka.common},
           {"kafka.producer.", &s.kafka.producer, &s.kafka.common}}};
}

std::string in_case(std::string_view text, int (*change)(int)) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return out;
}

std::string protocol_of(const client_view& client) {
  const auto given = client.value({"security.protocol"});
  return given.empty() ? "plaintext" : in_case(given, std::tolower);
}

std::string mechanism_of(const client_view& client) {
  const auto given = client.value({"sasl.mechanism", "sasl.mechanisms"});
  return given.empty() ? "GSSAPI" : in_case(given, std::toupper);
}

bool uses_sasl(const client_view& client) { return protocol_of(client).starts_with("sasl_"); }

bool takes_password(std::string_view mechanism) {
  return mechanism == "PLAIN" || mechanism.starts_with("SCRAM-");
}

void check_broker_protocols(const settings& s, const client_view& client,
                            std::vector<cross_fault>& out) {
  const std::string protocol = protocol_of(client);
  for (const auto& broker : s.kafka.brokers) {
    const auto end = broker.find("://");
    if (end == std::string::npos || in_case(broker.substr(0, end), std::tolower) == protocol)
      continue;
    out.push_back({{"kafka.brokers", client.prefix + "security.protocol"},
                   quoted_short(broker) + " does not go with security.protocol " +
                       quoted_short(protocol) + "; name the brokers as HOST:PORT"});
    return;
  }
}

void check_login(const client_view& client, std::vector<cross_fault>& out) {
  if (!uses_sasl(client)) return;
  const std::string protocol = client.prefix + "security.protocol";
  const std::string mechanism = mechanism_of(client);
  if (mechanism == "OAUTHBEARER" &&
      in_case(client.value({"sasl.oauthbearer.method"}), std::tolower) != "oidc")
    out.push_back({{client.prefix + "sasl.mechanism", protocol},
                   "\"OAUTHBEARER\" works with sasl.oauthbearer.method \"oidc\" only, which needs "
                   "a librdkafka with libcurl (turnstile version tells)"});
  if (!takes_password(mechanism)) return;
  for (const auto* name : {"sasl.username", "sasl.password"}) {
    if (!client.value({name}).empty()) continue;
    const std::string option = client.prefix + name;
    out.push_back({{option, protocol},
                   "not set, and a login by " + mechanism + " needs it; set the variable " +
                       environment_name(option)});
  }
}

void warn_of_plaintext(const settings& s, std::vector<std::string>& out) {
  for (const auto& client : views_of(s)) {
    if (protocol_of(client) == "plaintext") {
      for (const auto& [name, value] : *client.own) {
        if (!name.starts_with("ssl.") && !name.starts_with("sasl.")) continue;
        out.push_back(client.prefix + name +
                      ": without effect, because security.protocol is \"plaintext\": nothing is "
                      "encrypted, and nobody logs in");
        return;
      }
    }
    if (protocol_of(client) != "sasl_plaintext") continue;
    out.emplace_back(
        "kafka.security.protocol: \"sasl_plaintext\" sends passwords and personal data "
        "unencrypted");
    return;
  }
}

/// Suites without encryption, or without the broker's certificate.
bool is_weak_suite(std::string_view suite) {
  if (suite.starts_with('!') || suite.starts_with('-')) return false;
  return suite.find("NULL") != std::string_view::npos || suite.starts_with("ADH") ||
         suite.starts_with("AECDH") || suite.starts_with("COMPLEMENTOF") ||
         suite.ends_with("SECLEVEL=0");
}

void warn_of_ciphers(const settings& s, std::vector<std::string>& out) {
  for (const auto& client : views_of(s)) {
    std::string_view suites = client.value({"ssl.cipher.suites"});
    while (!suites.empty()) {
      const auto end = std::min(suites.find_first_of(":, "), suites.size());
      const auto suite = suites.substr(0, end);
      suites.remove_prefix(std::min(end + 1, suites.size()));
      if (!is_weak_suite(suite)) continue;
      out.push_back(client.prefix + "ssl.cipher.suites: " + quoted_short(suite) +
                    " allows connections that are not encrypted, or to anybody who poses as the "
                    "broker");
      return;
    }
  }
}

void warn_of_scram(const settings& s, int rdkafka_version, std::vector<std::string>& out) {
  constexpr int nonce_is_right = 0x02060100;
  const auto clients = views_of(s);
  const auto scram = [](const client_view& client) {
    return uses_sasl(client) && mechanism_of(client).starts_with("SCRAM-");
  };
  if (rdkafka_version >= nonce_is_right || std::ranges::none_of(clients, scram)) return;
  out.emplace_back(
      "kafka.sasl.mechanism: SCRAM of librdkafka before 2.6.1 cannot log in to Kafka 4 (librdkafka "
      "issue 4895); use PLAIN over TLS, client certificates, or a later librdkafka");
}

void check_endpoint_tls(const settings& s, std::vector<cross_fault>& out) {
  const bool has_cert = !s.http.tls_cert_file.empty();
  if (has_cert == !s.http.tls_key_file.empty()) return;
  const std::string missing = has_cert ? "http.tls_key_file" : "http.tls_cert_file";
  const std::string set = has_cert ? "http.tls_cert_file" : "http.tls_key_file";
  out.push_back({{missing, set}, "not set, and " + set + " is: TLS needs both"});
}

/// Others on this machine alone can reach it.
bool is_local(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") ||
         address.starts_with("[::1]:");
}

void warn_of_endpoint(const settings& s, std::vector<std::string>& out) {
  if (s.http.listen.empty() || is_local(s.http.listen)) return;
  if (s.http.token_file.empty())
    out.emplace_back(
        "http.listen: whoever reaches the port can read figures and configuration, as no "
        "http.token_file is set");
  else if (s.http.tls_cert_file.empty())
    out.emplace_back(
        "http.listen: the token goes over the network unencrypted, as no "
        "http.tls_cert_file is set");
}

}  // namespace

void check_security(const settings& s, std::vector<cross_fault>& out) {
  check_endpoint_tls(s, out);
  for (const auto& client : views_of(s)) {
    const auto before = out.size();
    check_broker_protocols(s, client, out);
    check_login(client, out);
    // The other clients have mostly the same.
    if (out.size() > before) return;
  }
}

void warn_of_security(const settings& s, int rdkafka_version, std::vector<std::string>& out) {
  warn_of_plaintext(s, out);
  warn_of_ciphers(s, out);
  warn_of_scram(s, rdkafka_version, out);
  warn_of_endpoint(s, out);
}

}  // namespace turnstile::core
