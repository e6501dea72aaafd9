#include "kafka_io/topic_reader.hpp"

#include <algorithm>
#include <set>

#include "kafka_io/admin.hpp"
#include "kafka_io/client_config.hpp"
#include "kafka_io/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::size_t records_per_read_max = 500;

std::optional<io_error> set_reader_properties(rd_kafka_conf_t* conf) {
  // A tool: found early rather than cheaply, and without the worker's memory budget.
  for (const auto& [name, value] :
       {std::pair{"fetch.wait.max.ms", "20"}, std::pair{"auto.offset.reset", "earliest"},
        std::pair{"queued.max.messages.kbytes", "8192"}, std::pair{"check.crcs", "true"}}) {
    if (auto error = set_property(conf, name, value)) return error;
  }
  return set_full_queue_pause(conf);
}

result<shared_client> make_reader_client(const core::settings& settings) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  if (auto error = set_reader_properties(conf->get())) return std::move(*error);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

}  // namespace

result<topic_reader> topic_reader::open(const core::settings& settings,
                                        const std::vector<std::string>& topics, read_from from,
                                        duration timeout) {
  auto client = make_reader_client(settings);
  if (!client) return client.error();
  const admin brokers{*client};
  if (auto error = brokers.wait_for_broker(timeout)) return std::move(*error);
  // librdkafka must not be given a partition twice.
  const std::set<std::string> names{topics.begin(), topics.end()};
  const auto facts = brokers.read_topics({names.begin(), names.end()}, timeout);
  if (!facts) return facts.error();
  topic_reader reader{std::move(*client)};
  for (const auto& topic : *facts) {
    if (topic.partitions == 0) {
      return error_of(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "topic " + topic.name);
    }
    if (auto error = reader.start(topic.name, topic.partitions, from, timeout)) {
      return std::move(*error);
    }
  }
  return reader;
}

topic_reader::~topic_reader() {
  for (const auto& [topic, partition] : started_) rd_kafka_consume_stop(topic, partition);
}

std::optional<io_error> topic_reader::start(const std::string& topic, std::int32_t partitions,
                                            read_from from, duration timeout) {
  topics_.emplace_back(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  rd_kafka_topic_t* handle = topics_.back().get();
  if (handle == nullptr) return error_of(rd_kafka_last_error(), "topic " + topic);
  const admin brokers{client_};
  for (std::int32_t p = 0; p < partitions; ++p) {
    std::int64_t offset = RD_KAFKA_OFFSET_BEGINNING;
    if (from == read_from::end) {
      // The logical end would be asked for later, and what is written until then be missed.
      const auto marks = brokers.read_watermarks(topic, p, timeout);
      if (!marks) return marks.error();
      offset = marks->high;
    }
    if (rd_kafka_consume_start_queue(handle, p, offset, queue_.get()) != 0) {
      return error_of(rd_kafka_last_error(), "topic " + topic);
    }
    started_.push_back({handle, p});
  }
  return {};
}

std::size_t topic_reader::read(duration timeout,
                               const std::function<void(const topic_record&)>& each) {
  // With a timeout librdkafka waits until the whole array is full, so only the first is waited for.
  messages_.assign(records_per_read_max, nullptr);
  messages_[0] = rd_kafka_consume_queue(queue_.get(), static_cast<int>(timeout.count()));
  if (messages_[0] == nullptr) return 0;
  const auto more =
      rd_kafka_consume_batch_queue(queue_.get(), 0, &messages_[1], messages_.size() - 1);
  messages_.resize(1 + static_cast<std::size_t>(std::max<ssize_t>(more, 0)));
  std::size_t records = 0;
  for (auto* message : messages_) {
    const message_ptr owned{message};
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      hand_out(message, each);
      ++records;
    } else {
      const char* text = rd_kafka_message_errstr(message);
      errors_.push_back({message->err, text == nullptr ? rd_kafka_err2str(message->err) : text});
    }
  }
  return records;
}

void topic_reader::hand_out(rd_kafka_message_t* message,
                            const std::function<void(const topic_record&)>& each) {
  headers_.clear();
  append_headers(*message, headers_);
  each({.topic = rd_kafka_topic_name(message->rkt),
        .partition = message->partition,
        .record = {.offset = message->offset,
                   .timestamp_ms = timestamp_of(*message),
                   .key = view_of(message->key, message->key_len),
                   .value = view_of(message->payload, message->len),
                   .headers = headers_}});
}

}  // namespace turnstile::kafka_io
