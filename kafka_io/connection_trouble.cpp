#include "kafka_io/connection_trouble.hpp"

#include <algorithm>
#include <array>
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
  for (const std::string_view role : {"/bootstrap: ", "/bootstrap:"})
    if (const auto at = told.find(role); at != std::string::npos) told.replace(at, role.size(), ": ");
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
  // The others repeat it without the broker, or tell that all are down.
  if (facility != "FAIL") return;
  cause& place = contains_any(text, of_security)     ? security_
                 : contains_any(text, of_connection) ? connection_
                                                     : hint_;
  place = {without_details(text), now};
}

std::string connection_causes::told(time_point now) const {
  for (const auto* known : {&security_, &connection_, &hint_})
    if (!known->text.empty() && now - known->at <= trouble_lasts) return known->text;
  return {};
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
