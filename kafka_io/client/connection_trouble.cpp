#include "kafka_io/client/connection_trouble.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <mutex>
#include <span>

namespace turnstile::kafka_io {

namespace {

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// `ssl://kafka1:9093/bootstrap: SSL handshake failed: … (after 3ms in state SSL_HANDSHAKE)`
std::string without_details(std::string_view text) {
  std::string told{text.substr(0, text.rfind(" (after "))};
  // A TLS client is closed so before its handshake; librdkafka before 2.2 does not say it.
  const bool is_closed = told.ends_with(": Disconnected") && told.find("ssl://") < told.size();
  if (is_closed || told.find("unexpected eof while reading") != std::string::npos)
    told += " (connecting to a PLAINTEXT broker listener?)";
  for (const std::string_view role : {"/bootstrap: ", "/bootstrap:"})
    if (const auto at = told.find(role); at != std::string::npos)
      told.replace(at, role.size(), ": ");
  return told;
}

bool says_nothing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return true;
    default:
      return false;
  }
}

/// OpenSSL's X509_V_ERR_…, whose numbers are part of its interface.
std::string what_is_wrong(int x509_error) {
  switch (x509_error) {
    case 9:
      return "it is not yet valid";
    case 10:
      return "it has expired";
    case 18:
    case 19:
    case 20:
    case 21:
      return "no authority in ssl.ca.location has signed it";
    case 23:
      return "it is revoked";
    case 62:
    case 64:
      return "it is for another host name";
    default:
      return "OpenSSL's verification error " + std::to_string(x509_error);
  }
}

struct trouble_table {
  std::mutex mutex;
  std::map<const rd_kafka_t*, connection_causes> rows;
};

trouble_table& table() {
  static trouble_table one;
  return one;
}

}  // namespace

void connection_causes::note(std::string_view facility, std::string_view text, time_point now) {
  constexpr std::array<std::string_view, 4> of_security{"SSL", "SASL", "security.protocol",
                                                        "uthentication"};
  constexpr std::array<std::string_view, 2> of_connection{" failed: ", "Failed to resolve"};
  const bool of_certificate = facility == "SSLCERTVRFY";
  // The others repeat it without the broker, or tell that all are down.
  if (facility != "FAIL" && !of_certificate) return;
  cause& place = of_certificate                      ? certificate_
                 : contains_any(text, of_security)   ? security_
                 : contains_any(text, of_connection) ? connection_
                                                     : hint_;
  place = {without_details(text), now};
}

std::string connection_causes::told(time_point now) const {
  for (const auto* known : {&certificate_, &security_, &connection_, &hint_})
    if (!known->text.empty() && now - known->at <= trouble_lasts) return known->text;
  return {};
}

int verify_certificate(rd_kafka_t* /*client*/, const char* /*broker*/, std::int32_t /*id*/,
                       int* x509_error, int /*depth*/, const char* /*certificate*/,
                       std::size_t /*size*/, char* text, std::size_t text_size, void* /*opaque*/) {
  if (*x509_error == 0) return 1;
  std::snprintf(text, text_size, "%s", what_is_wrong(*x509_error).c_str());
  return 0;
}

void explain_certificates(rd_kafka_conf_t* conf) {
  // Refused by a librdkafka without TLS, which has no certificates.
  static_cast<void>(rd_kafka_conf_set_ssl_cert_verify_cb(conf, verify_certificate));
}

void note_client_line(const rd_kafka_t* client, std::string_view facility, std::string_view text) {
  if (client == nullptr) return;
  const std::scoped_lock lock{table().mutex};
  table().rows[client].note(facility, text, std::chrono::steady_clock::now());
}

void forget_client(const rd_kafka_t* client) {
  const std::scoped_lock lock{table().mutex};
  table().rows.erase(client);
}

std::string connection_trouble(const rd_kafka_t* client) {
  const std::scoped_lock lock{table().mutex};
  const auto row = table().rows.find(client);
  return row == table().rows.end() ? std::string{}
                                   : row->second.told(std::chrono::steady_clock::now());
}

io_error error_of(const rd_kafka_t* client, rd_kafka_resp_err_t code, std::string_view doing) {
  std::string why = says_nothing(code) ? connection_trouble(client) : "";
  if (why.empty()) why = rd_kafka_err2str(code);
  return {code, doing.empty() ? why : std::string{doing} + ": " + why};
}

}  // namespace turnstile::kafka_io
