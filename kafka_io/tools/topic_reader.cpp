#include "kafka_io/tools/topic_reader.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "kafka_io/ask/admin.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::size_t records_per_read_max = 500;

std::optional<io_error> set_reader_properties(rd_kafka_conf_t* conf, bool ends_count) {
  // A tool: found early rather than cheaply, and without the worker's memory budget.
  for (const auto& [name, value] :
       {std::pair{"fetch.wait.max.ms", "20"}, std::pair{"auto.offset.reset", "earliest"},
        std::pair{"queued.max.messages.kbytes", "8192"}, std::pair{"check.crcs", "true"},
        // Behind the last record may be transaction markers, which are not handed out.
        std::pair{"enable.partition.eof", ends_count ? "true" : "false"}}) {
    if (auto error = set_property(conf, name, value)) return error;
  }
  return set_full_queue_pause(conf);
}

result<shared_client> make_reader_client(const core::settings& settings, bool ends_count) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  if (auto error = set_reader_properties(conf->get(), ends_count)) return std::move(*error);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

/// The partitions of the topic, by number.
result<std::vector<std::int32_t>> chosen_partitions(const topic_facts& topic,
                                                    const read_scope& scope) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(topic.partitions));
  std::iota(all.begin(), all.end(), 0);
  // librdkafka must not be given a partition twice.
  const std::set<std::int32_t> wanted{scope.partitions.begin(), scope.partitions.end()};
  const std::int32_t first = wanted.empty() ? 0 : *wanted.begin();
  if (auto missing = missing_partition(topic, first)) return std::move(*missing);
  if (wanted.empty()) return all;
  if (auto missing = missing_partition(topic, *wanted.rbegin())) return std::move(*missing);
  return std::vector<std::int32_t>{wanted.begin(), wanted.end()};
}

/// Within what is there: beyond it librdkafka would begin anew.
std::int64_t start_of(const read_scope& scope, const watermarks& there, std::int64_t at_time) {
  switch (scope.from) {
    case read_from::beginning:
      return there.low;
    case read_from::end:
      return there.high;
    case read_from::offset:
      return std::clamp(scope.value, there.low, std::max(there.low, there.high));
    case read_from::last:
      return std::max(there.low, there.high - scope.value);
    case read_from::time:
      return at_time < 0 ? there.high : std::max(at_time, there.low);
  }
  return there.low;
}

}  // namespace

result<topic_reader> topic_reader::open(const core::settings& settings,
                                        const std::vector<std::string>& topics,
                                        const read_scope& scope, duration timeout) {
  auto client = make_reader_client(settings, scope.until_end || scope.by_time);
  if (!client) return client.error();
  const admin brokers{*client};
  if (auto error = brokers.wait_for_broker(timeout)) return std::move(*error);
  // librdkafka must not be given a partition twice.
  const std::set<std::string> names{topics.begin(), topics.end()};
  const auto facts = brokers.read_topics({names.begin(), names.end()}, timeout);
  if (!facts) return facts.error();
  topic_reader reader{std::move(*client), scope};
  for (const auto& topic : *facts) {
    if (auto error = reader.start(topic, scope, timeout)) return std::move(*error);
  }
  return reader;
}

topic_reader::~topic_reader() {
  for (const auto& [topic, partition] : started_) rd_kafka_consume_stop(topic, partition);
}

std::optional<io_error> topic_reader::start(const topic_facts& facts, const read_scope& scope,
                                            duration timeout) {
  const auto chosen = chosen_partitions(facts, scope);
  if (!chosen) return chosen.error();
  const auto& topic = facts.name;
  partitions_ += chosen->size();
  topics_.emplace_back(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  rd_kafka_topic_t* handle = topics_.back().get();
  if (handle == nullptr) return error_of(rd_kafka_last_error(), "topic " + topic);
  const admin brokers{client_};
  std::vector<std::int64_t> at_time(static_cast<std::size_t>(facts.partitions), -1);
  if (scope.from == read_from::time) {
    auto found = brokers.offsets_at(topic, facts.partitions, scope.value, timeout);
    if (!found) return found.error();
    at_time = std::move(*found);
  }
  for (const std::int32_t p : *chosen) {
    std::int64_t offset = RD_KAFKA_OFFSET_BEGINNING;
    if (scope.from != read_from::beginning || scope.until_end || scope.by_time) {
      // The logical end would be asked for later, and what is written until then be missed.
      const auto marks = brokers.read_watermarks(topic, p, timeout);
      if (!marks) return marks.error();
      offset = start_of(scope, *marks, at_time[static_cast<std::size_t>(p)]);
      const bool has_more = offset < marks->high;
      if (scope.until_end && !has_more) continue;
      if (has_more && (scope.until_end || scope.by_time)) {
        ends_.emplace(place{topic, p}, marks->high);
      }
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
  if (messages_[0] == nullptr) return hand_out_by_time(true, each);
  const auto more =
      rd_kafka_consume_batch_queue(queue_.get(), 0, &messages_[1], messages_.size() - 1);
  messages_.resize(1 + static_cast<std::size_t>(std::max<ssize_t>(more, 0)));
  std::size_t records = 0;
  for (auto* message : messages_) {
    message_ptr owned{message};
    if (!take(*message)) continue;
    if (by_time_) {
      place from{rd_kafka_topic_name(message->rkt), message->partition};
      held_.add(std::move(from), std::move(owned), timestamp_of(*message),
                message->len + message->key_len);
    } else {
      hand_out(message, each);
      ++records;
    }
  }
  return records + hand_out_by_time(false, each);
}

std::size_t topic_reader::hand_out_by_time(bool waited,
                                           const std::function<void(const topic_record&)>& each) {
  std::size_t records = 0;
  // Nothing came for a while: a partition that gives nothing must not hold up the others.
  while (const auto message = waited ? held_.next() : held_.next(ends_)) {
    hand_out(message->get(), each);
    ++records;
  }
  return records;
}

bool topic_reader::take(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    ends_.erase({rd_kafka_topic_name(message.rkt), message.partition});
    return false;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* text = rd_kafka_message_errstr(&message);
    errors_.push_back({message.err, text == nullptr ? rd_kafka_err2str(message.err) : text});
    return false;
  }
  return before_end(message) || !until_end_;
}

bool topic_reader::before_end(const rd_kafka_message_t& message) {
  const auto end = ends_.find({rd_kafka_topic_name(message.rkt), message.partition});
  if (end == ends_.end()) return false;
  const bool wanted = message.offset < end->second;
  if (message.offset + 1 >= end->second) ends_.erase(end);
  return wanted;
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
