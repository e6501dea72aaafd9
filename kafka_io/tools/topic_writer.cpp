#include "kafka_io/tools/topic_writer.hpp"

#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/connection_trouble.hpp"
#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::int64_t queue_bytes = 64LL * 1024 * 1024;
constexpr topic_writer::duration full_queue_pause{10};

headers_ptr make_headers(std::span<const core::header_view> from) {
  headers_ptr headers{rd_kafka_headers_new(from.size())};
  for (const auto& header : from) add_header(headers.get(), header.name, header.value);
  return headers;
}

}  // namespace

result<topic_writer> topic_writer::open(const core::settings& settings, const std::string& topic) {
  auto conf = producer_config(settings, queue_bytes);
  if (!conf) return conf.error();
  if (!settings.kafka.producer.contains("partitioner")) {
    if (auto error = set_property(conf->get(), "partitioner", "murmur2_random")) {
      return std::move(*error);
    }
  }
  // A request at a time: with more, librdkafka may take a record for written that is not
  // (rd_delivery_client tells how), and this writer does not send again.
  if (auto error = set_property(conf->get(), "max.in.flight.requests.per.connection", "1")) {
    return std::move(*error);
  }
  auto counted = std::make_unique<counts>();
  rd_kafka_conf_set_opaque(conf->get(), counted.get());
  rd_kafka_conf_set_dr_msg_cb(conf->get(), note_delivery);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  topic_ptr handle{rd_kafka_topic_new(client->get(), topic.c_str(), nullptr)};
  if (!handle) return error_of(rd_kafka_last_error(), "topic " + topic);
  return topic_writer{std::move(counted), std::move(*client), std::move(handle)};
}

topic_writer::~topic_writer() {
  if (!client_) return;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(client_.get(), 0);
}

void topic_writer::note_delivery(rd_kafka_t* client, const rd_kafka_message_t* message,
                                 void* counted) {
  auto& into = *static_cast<counts*>(counted);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++into.delivered[reinterpret_cast<std::uintptr_t>(message->_private)];
    ++into.delivered_total;
  } else {
    ++into.failed;
    into.error = error_of(client, message->err);
  }
}

bool topic_writer::send(const record_to_send& record, const stop_check& stopped) {
  while (true) {
    const auto code = produce(record);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      counts_->error = error_of(code);
      return false;
    }
    poll(full_queue_pause);
    if (stopped && stopped()) return false;
  }
}

rd_kafka_resp_err_t topic_writer::produce(const record_to_send& record) {
  // librdkafka never writes to what RD_KAFKA_MSG_F_COPY makes it copy.
  void* value = const_cast<void*>(data_of(record.value));
  void* tag = reinterpret_cast<void*>(static_cast<std::uintptr_t>(record.tag));
  if (record.headers.empty() && record.timestamp_ms < 0) {
    const int refused =
        rd_kafka_produce(topic_.get(), record.partition, RD_KAFKA_MSG_F_COPY, value,
                         size_of(record.value), data_of(record.key), size_of(record.key), tag);
    return refused == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }
  auto headers = make_headers(record.headers);
  const std::int64_t timestamp = record.timestamp_ms < 0 ? 0 : record.timestamp_ms;
  // The RD_KAFKA_V_ macros cast in the C way.
  const auto code = rd_kafka_producev(
      client_.get(), RD_KAFKA_VTYPE_RKT, topic_.get(), RD_KAFKA_VTYPE_PARTITION, record.partition,
      RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_VALUE, value,
      size_of(record.value), RD_KAFKA_VTYPE_KEY, data_of(record.key), size_of(record.key),
      RD_KAFKA_VTYPE_TIMESTAMP, timestamp, RD_KAFKA_VTYPE_HEADERS, headers.get(),
      RD_KAFKA_VTYPE_OPAQUE, tag, RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(headers.release());
  return code;
}

void topic_writer::poll(duration timeout) {
  rd_kafka_poll(client_.get(), static_cast<int>(timeout.count()));
}

bool topic_writer::flush(duration timeout) {
  return rd_kafka_flush(client_.get(), static_cast<int>(timeout.count())) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace turnstile::kafka_io
