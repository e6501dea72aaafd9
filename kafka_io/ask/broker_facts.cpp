#include "kafka_io/ask/broker_facts.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "kafka_io/ask/admin_request.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

namespace {

using std::chrono::milliseconds;

int count_of(milliseconds timeout) { return static_cast<int>(timeout.count()); }

}  // namespace

std::int32_t some_broker(rd_kafka_t* client, milliseconds timeout) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(client, 0, nullptr, &answer, count_of(timeout));
  const metadata_ptr owned{answer};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || answer->broker_cnt == 0) return -1;
  return answer->brokers[0].id;
}

result<topic_shape> read_shape(rd_kafka_t* client, const std::string& topic, milliseconds timeout) {
  const topic_ptr handle{rd_kafka_topic_new(client, topic.c_str(), nullptr)};
  if (!handle) return error_of(rd_kafka_last_error());
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(client, 0, handle.get(), &answer, count_of(timeout));
  const metadata_ptr owned{answer};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(client, code);
  topic_shape shape{.name = topic};
  if (answer->topic_cnt == 0) return shape;
  const auto& found = answer->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return shape;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR &&
      found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    return error_of(found.err);
  const std::span partitions{found.partitions, static_cast<std::size_t>(found.partition_cnt)};
  shape.partitions = found.partition_cnt;
  for (const auto& partition : partitions)
    if (partition.leader < 0) shape.without_leader.push_back(partition.id);
  if (!partitions.empty())
    shape.replicas = std::ranges::min_element(partitions, {}, [](const auto& partition) {
                       return partition.replica_cnt;
                     })->replica_cnt;
  return shape;
}

result<config_values> read_config(rd_kafka_t* client, rd_kafka_ResourceType_t what,
                                  const std::string& name, std::int32_t broker,
                                  milliseconds timeout) {
  const config_resource_ptr resource{rd_kafka_ConfigResource_new(what, name.c_str())};
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
  std::array<char, 256> text{};
  // Not the controller, for which librdkafka would wait where there is none: the mock cluster.
  if (what == RD_KAFKA_RESOURCE_TOPIC)
    rd_kafka_AdminOptions_set_broker(options.get(), broker, text.data(), text.size());
  const queue_ptr queue{rd_kafka_queue_new(client)};
  auto* wanted = resource.get();
  rd_kafka_DescribeConfigs(client, &wanted, 1, options.get(), queue.get());
  const auto event = await_answer(client, queue.get(), timeout);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* answers = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count == 0) return error_of(RD_KAFKA_RESP_ERR__BAD_MSG);
  if (const auto code = rd_kafka_ConfigResource_error(answers[0])) return error_of(code);
  config_values values;
  const auto* entries = rd_kafka_ConfigResource_configs(answers[0], &count);
  for (const auto* entry : std::span{entries, count})
    if (const char* value = rd_kafka_ConfigEntry_value(entry))
      values.emplace(rd_kafka_ConfigEntry_name(entry), value);
  return values;
}

std::optional<io_error> reading_refused(rd_kafka_t* consumer, const std::string& topic,
                                        milliseconds timeout) {
  const topic_ptr handle{rd_kafka_topic_new(consumer, topic.c_str(), nullptr)};
  if (!handle || rd_kafka_consume_start(handle.get(), 0, RD_KAFKA_OFFSET_END) != 0)
    return error_of(rd_kafka_last_error());
  const auto until = std::chrono::steady_clock::now() + timeout;
  auto code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (code == RD_KAFKA_RESP_ERR__TIMED_OUT && std::chrono::steady_clock::now() < until)
    if (const message_ptr message{rd_kafka_consume(handle.get(), 0, 100)}) code = message->err;
  rd_kafka_consume_stop(handle.get(), 0);
  if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF || code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return error_of(consumer, code);
}

#if RD_KAFKA_VERSION >= 0x02030000

result<std::vector<std::string>> not_writable(rd_kafka_t* client,
                                              const std::vector<std::string>& topics,
                                              milliseconds timeout) {
  std::vector<const char*> names;
  for (const auto& topic : topics) names.push_back(topic.c_str());
  const std::unique_ptr<rd_kafka_TopicCollection_t, destroy_with<rd_kafka_TopicCollection_destroy>>
      wanted{rd_kafka_TopicCollection_of_topic_names(names.data(), names.size())};
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout);
  const error_ptr refused{
      rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1)};
  const queue_ptr queue{rd_kafka_queue_new(client)};
  rd_kafka_DescribeTopics(client, wanted.get(), options.get(), queue.get());
  const auto event = await_answer(client, queue.get(), timeout);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* answers = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(event->get()), &count);
  std::vector<std::string> without;
  for (const auto* answer : std::span{answers, count}) {
    std::size_t operation_count = 0;
    const auto* operations =
        rd_kafka_TopicDescription_authorized_operations(answer, &operation_count);
    if (operations == nullptr) return error_of(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE);
    const std::span may{operations, operation_count};
    if (std::ranges::find(may, RD_KAFKA_ACL_OPERATION_WRITE) == may.end())
      without.emplace_back(rd_kafka_TopicDescription_name(answer));
  }
  return without;
}

#else

result<std::vector<std::string>> not_writable(rd_kafka_t* /*client*/,
                                              const std::vector<std::string>& /*topics*/,
                                              milliseconds /*timeout*/) {
  return io_error{RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
                  "this program was built with a librdkafka before 2.3, which cannot ask"};
}

#endif

}  // namespace turnstile::kafka_io
