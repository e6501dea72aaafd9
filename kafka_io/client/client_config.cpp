#include "kafka_io/client/client_config.hpp"

#include <array>
#include <charconv>

#include "config/kafka_property.hpp"
#include "kafka_io/client/client_log.hpp"
#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

namespace {

// librdkafka's texts quote the value. Whatever concerns TLS and SASL may be a secret.
bool may_be_secret(std::string_view name) {
  return name.starts_with("sasl.") || name.starts_with("ssl.") || core::is_secret_property(name);
}

std::string one_line(std::string_view text) {
  std::string line{text.substr(0, text.find_last_not_of(" \n\r") + 1)};
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

using problem = std::optional<io_error>;

problem set_all(rd_kafka_conf_t* conf, const std::vector<client_property>& properties) {
  for (const auto& property : properties) {
    // An empty group or broker list is refused by core/options where it matters.
    if (property.value.empty()) continue;
    if (auto error = set_property(conf, property.name, property.value)) return error;
  }
  return {};
}

problem set_all(rd_kafka_conf_t* conf, const core::kafka_properties& properties,
                std::string_view table) {
  for (const auto& [name, value] : properties) {
    if (auto error = set_property(conf, name, value)) {
      error->text = std::string{table} + ": " + error->text;
      return error;
    }
  }
  return {};
}

problem check_client_id(const rd_kafka_conf_t* conf) {
  // librdkafka before 2.5 may crash on longer ones.
  if (property_of(conf, "client.id").size() <= core::client_id_bytes_max) return {};
  return io_error{
      RD_KAFKA_RESP_ERR__INVALID_ARG,
      "kafka.\"client.id\": at most " + std::to_string(core::client_id_bytes_max) + " bytes"};
}

std::int64_t number_of(const rd_kafka_conf_t* conf, const std::string& name) {
  const std::string text = property_of(conf, name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// `message.max.bytes` in `[kafka]` speaks of both ends: a consumer must be able to fetch as much,
// and librdkafka refuses a smaller `fetch.max.bytes` instead of raising it.
problem raise_fetch_limits(rd_kafka_conf_t* conf) {
  const std::int64_t fetch_min = number_of(conf, "message.max.bytes");
  if (number_of(conf, "fetch.max.bytes") < fetch_min) {
    if (auto error = set_property(conf, "fetch.max.bytes", std::to_string(fetch_min))) return error;
  }
  const std::int64_t receive_min = number_of(conf, "fetch.max.bytes") + response_overhead_bytes;
  if (number_of(conf, "receive.message.max.bytes") < receive_min) {
    return set_property(conf, "receive.message.max.bytes", std::to_string(receive_min));
  }
  return {};
}

conf_ptr new_conf() {
  conf_ptr conf{rd_kafka_conf_new()};
  forward_client_log(conf.get());
  return conf;
}

}  // namespace

std::optional<io_error> set_property(rd_kafka_conf_t* conf, const std::string& name,
                                     const std::string& value) {
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return io_error{RD_KAFKA_RESP_ERR__INVALID_ARG,
                      "librdkafka knows no property \"" + name + "\""};
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  return io_error{RD_KAFKA_RESP_ERR__INVALID_ARG,
                  may_be_secret(name) ? "librdkafka refuses the value of \"" + name + "\""
                                      : one_line(text.data())};
}

std::string property_of(const rd_kafka_conf_t* conf, const std::string& name) {
  std::size_t size = 0;
  if (rd_kafka_conf_get(conf, name.c_str(), nullptr, &size) != RD_KAFKA_CONF_OK || size == 0) {
    return {};
  }
  std::string value(size, '\0');
  if (rd_kafka_conf_get(conf, name.c_str(), value.data(), &size) != RD_KAFKA_CONF_OK) return {};
  value.resize(size - 1);  // The size counts the final NUL.
  return value;
}

result<conf_ptr> consumer_config(const core::settings& settings, const prefetch_shares& shares) {
  conf_ptr conf = new_conf();
  problem error = set_all(conf.get(), common_defaults(settings));
  if (!error) error = set_all(conf.get(), consumer_defaults(settings, shares));
  if (!error) error = set_full_queue_pause(conf.get());
  if (!error) error = set_all(conf.get(), settings.kafka.common, "kafka");
  if (!error) error = set_all(conf.get(), settings.kafka.consumer, "kafka.consumer");
  if (!error) error = set_all(conf.get(), common_forced(settings));
  if (!error) error = set_all(conf.get(), consumer_forced(settings));
  if (!error) error = raise_fetch_limits(conf.get());
  if (!error) error = check_client_id(conf.get());
  if (error) return std::move(*error);
  return conf;
}

result<conf_ptr> producer_config(const core::settings& settings, std::int64_t queue_bytes) {
  conf_ptr conf = new_conf();
  problem error = set_all(conf.get(), common_defaults(settings));
  if (!error) error = set_all(conf.get(), producer_defaults(settings, queue_bytes));
  if (!error) error = set_all(conf.get(), settings.kafka.common, "kafka");
  if (!error) error = set_all(conf.get(), settings.kafka.producer, "kafka.producer");
  if (!error) error = set_all(conf.get(), common_forced(settings));
  if (!error) error = set_all(conf.get(), producer_forced());
  if (!error) error = check_client_id(conf.get());
  if (error) return std::move(*error);
  return conf;
}

result<conf_ptr> transactional_config(const core::settings& settings, std::int64_t queue_bytes,
                                      const std::string& transactional_id) {
  auto conf = producer_config(settings, queue_bytes);
  if (!conf) return conf;
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"transactional.id", transactional_id},
        {"transaction.timeout.ms", std::to_string(settings.transaction.timeout_ms)}}) {
    if (auto error = set_property(conf->get(), name, value)) return std::move(*error);
  }
  return conf;
}

result<conf_ptr> plain_config(const core::settings& settings) {
  conf_ptr conf = new_conf();
  problem error = set_all(conf.get(), common_defaults(settings));
  explain_certificates(conf.get());
  // Brokers that want TLS or SASL close the connection of a client without, and say no more.
  if (!error) error = set_property(conf.get(), "log.connection.close", "true");
  if (!error) error = set_all(conf.get(), settings.kafka.common, "kafka");
  if (!error) error = set_all(conf.get(), common_forced(settings));
  if (!error) error = check_client_id(conf.get());
  if (error) return std::move(*error);
  return conf;
}

result<shared_client> make_client(rd_kafka_type_t type, conf_ptr conf) {
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (client == nullptr) return io_error{rd_kafka_last_error(), one_line(text.data())};
  static_cast<void>(conf.release());  // Owned by the client from here on.
  return shared_client{client, [](rd_kafka_t* ended) {
                         rd_kafka_destroy(ended);
                         forget_client(ended);
                       }};
}

io_error error_of(rd_kafka_resp_err_t code) { return {code, rd_kafka_err2str(code)}; }

io_error error_of(rd_kafka_resp_err_t code, std::string_view doing) {
  return {code, std::string{doing} + ": " + rd_kafka_err2str(code)};
}

}  // namespace turnstile::kafka_io
