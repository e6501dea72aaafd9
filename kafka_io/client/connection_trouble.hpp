// Why a client has no connection: of what librdkafka logs, the last line that names a cause.
//
// librdkafka answers a question to brokers that it cannot reach with "Broker transport failure" or
// "Timed out"; the wrong certificate or password stands only in its log. One table for the process,
// with a row for each client that had trouble, taken out when the client ends. THREAD: any; lines
// come on librdkafka's own threads. GUARANTEES: one line, without secrets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

/// librdkafka tells a cause that lasts again each 30 s at most; what is older is no cause.
inline constexpr std::chrono::seconds trouble_lasts{60};

/// Of several causes the one that says most counts: `localhost` has two addresses, and where one
/// of them refuses connections, the other's certificate is what is wrong.
class connection_causes {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A line of the log, without the thread's name.
  void note(std::string_view facility, std::string_view text, time_point now);

  /// Empty: none is known. Without the broker's role and librdkafka's state and times.
  [[nodiscard]] std::string told(time_point now) const;

private:
  struct cause {
    std::string text;
    time_point at{};
  };
  cause hint_;         ///< "Disconnected", "timed out".
  cause connection_;   ///< No host, no listener.
  cause security_;     ///< TLS, SASL, or the wrong protocol.
  cause certificate_;  ///< What is wrong with the broker's; librdkafka itself only says that it is.
};

/// rd_kafka_conf_set_ssl_cert_verify_cb, so that the log tells what is wrong with a certificate.
/// GUARANTEES: what OpenSSL refuses stays refused.
void explain_certificates(rd_kafka_conf_t* conf);

/// What it sets: 0 with `text` where OpenSSL has found an error, 1 where it has not.
int verify_certificate(rd_kafka_t* client, const char* broker, std::int32_t id, int* x509_error,
                       int depth, const char* certificate, std::size_t size, char* text,
                       std::size_t text_size, void* opaque);

/// rd_kafka_conf_set_log_cb leads here.
void note_client_line(const rd_kafka_t* client, std::string_view facility, std::string_view text);

/// When the client is destroyed.
void forget_client(const rd_kafka_t* client);

/// What is told of this client now; empty: nothing.
[[nodiscard]] std::string connection_trouble(const rd_kafka_t* client);

/// error_of, and where `code` says no more than that there was no answer, why. Without `doing` the
/// text is the reason alone.
[[nodiscard]] io_error error_of(const rd_kafka_t* client, rd_kafka_resp_err_t code,
                                std::string_view doing = {});

}  // namespace turnstile::kafka_io
