#include "kafka_io/ask/admin.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <thread>

#include "core/log.hpp"
#include "kafka_io/ask/admin_request.hpp"
#include "kafka_io/ask/committed.hpp"
#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

namespace {

using duration = admin::duration;

constexpr std::string_view limit_name = "max.message.bytes";

int milliseconds(duration timeout) { return static_cast<int>(timeout.count()); }

/// Admin requests answer on a queue; the request's own timeout ends the wait.
event_ptr await(rd_kafka_queue_t* queue, duration timeout) {
  constexpr duration grace{2000};
  return event_ptr{rd_kafka_queue_poll(queue, milliseconds(timeout + grace))};
}

std::optional<io_error> failure_of(const event_ptr& event, std::string_view doing) {
  if (!event) return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
  const auto code = rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return io_error{code, std::string{doing} + ": " + rd_kafka_event_error_string(event.get())};
}

/// A value of one topic's configuration; null where the broker does not tell.
const char* value_of(const rd_kafka_ConfigResource_t* resource, std::string_view name) {
  std::size_t count = 0;
  const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (const auto* entry : std::span{entries, count}) {
    if (rd_kafka_ConfigEntry_name(entry) == name) return rd_kafka_ConfigEntry_value(entry);
  }
  return nullptr;
}

std::optional<std::int64_t> number_of(const rd_kafka_ConfigResource_t* resource,
                                      std::string_view name) {
  const char* value = value_of(resource, name);
  if (value == nullptr) return {};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value, value + std::strlen(value), number);
  if (error == std::errc{} && number >= 0) return number;
  return {};
}

bool is_compacted(const rd_kafka_ConfigResource_t* resource) {
  const char* policy = value_of(resource, "cleanup.policy");
  return policy != nullptr && std::string_view{policy}.find("compact") != std::string_view::npos;
}

core::record_rules rules_of(const rd_kafka_ConfigResource_t* resource) {
  core::record_rules rules;
  rules.needs_key = is_compacted(resource);
  const char* type = value_of(resource, "message.timestamp.type");
  if (type == nullptr || std::string_view{type} != "CreateTime") return rules;
  const auto bound = [&](std::string_view name) {
    return number_of(resource, name).value_or(core::record_rules::any);
  };
  // Brokers before 3.6 have one bound for both, those before 4.0 all three.
  const auto both = bound("message.timestamp.difference.max.ms");
  rules.timestamp_before_max_ms = std::min(both, bound("message.timestamp.before.max.ms"));
  rules.timestamp_after_max_ms = std::min(both, bound("message.timestamp.after.max.ms"));
  return rules;
}

/// After so long it is looked why there is no answer.
constexpr duration coordinator_answer{1000};

/// Who asks for the coordinator in vain is not told why: librdkafka tells the consumer's queue, and
/// asks again until the time is up.
std::optional<io_error> refusal_of_group(rd_kafka_t* consumer) {
  while (const message_ptr told{rd_kafka_consumer_poll(consumer, 0)})
    if (told->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) return error_of(told->err);
  return {};
}

/// A consumer of the group that has subscribed to nothing, so there is nothing to leave.
result<shared_client> make_group_client(core::settings settings, const std::string& group) {
  settings.kafka.group = group;
  const auto shares = divide_budget(settings.memory.budget_mib, 1, settings.delivery.guarantee);
  auto conf = consumer_config(settings, shares.prefetch);
  if (!conf) return conf.error();
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

}  // namespace

std::optional<io_error> missing_partition(const topic_facts& topic, std::int32_t partition) {
  if (topic.partitions == 0)
    return io_error{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "there is no topic " + topic.name};
  if (partition >= 0 && partition < topic.partitions) return {};
  return io_error{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
                  "topic " + topic.name + " has " + std::to_string(topic.partitions) +
                      (topic.partitions == 1 ? " partition" : " partitions") + ", no partition " +
                      std::to_string(partition)};
}

result<admin> admin::open(const core::settings& settings) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  return admin{std::move(*client), settings};
}

std::optional<io_error> admin::wait_for_broker(duration timeout) const {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 0, nullptr, &answer, milliseconds(timeout));
  const metadata_ptr owned{answer};
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return error_of(client_.get(), code, "no broker answers");
}

result<admin::described> admin::describe(const std::string& topic, duration timeout) const {
  const topic_ptr handle{rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)};
  if (!handle) return error_of(rd_kafka_last_error(), "topic " + topic);
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code =
      rd_kafka_metadata(client_.get(), 0, handle.get(), &answer, milliseconds(timeout));
  const metadata_ptr owned{answer};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(client_.get(), code, "metadata of topic " + topic);
  described facts;
  if (answer->broker_cnt > 0) facts.some_broker = answer->brokers[0].id;
  if (answer->topic_cnt == 0) return facts;
  switch (const auto& found = answer->topics[0]; found.err) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return facts;
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      facts.partitions = found.partition_cnt;
      return facts;
    default:
      return error_of(found.err, "topic " + topic);
  }
}

bool admin::is_embedded_broker(duration timeout) const {
  char* const id = rd_kafka_clusterid(client_.get(), milliseconds(timeout));
  const bool is = id != nullptr && std::string_view{id}.starts_with("mockCluster");
  rd_kafka_mem_free(client_.get(), id);
  return is;
}

result<std::vector<topic_facts>> admin::read_topics(const std::vector<std::string>& names,
                                                    duration timeout) const {
  const deadline until{timeout};
  std::vector<topic_facts> topics;
  std::int32_t some_broker = -1;
  for (const auto& name : names) {
    const auto facts = describe(name, until.left());
    if (!facts) return facts.error();
    topics.push_back({.name = name, .partitions = facts->partitions});
    some_broker = std::max(some_broker, facts->some_broker);
  }
  read_limits(topics, some_broker, timeout);
  return topics;
}

void admin::read_limits(std::vector<topic_facts>& topics, std::int32_t broker,
                        duration timeout) const {
  std::vector<config_resource_ptr> resources;
  std::vector<rd_kafka_ConfigResource_t*> wanted;
  for (const auto& topic : topics) {
    if (topic.partitions == 0) continue;
    resources.emplace_back(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str()));
    wanted.push_back(resources.back().get());
  }
  if (wanted.empty() || broker < 0) return;
  const auto options = options_for(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
  // Any broker can tell. librdkafka would ask the controller, for which it waits until the timeout
  // where there is none: the mock cluster of 2.0.2.
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_broker(options.get(), broker, text.data(), text.size());
  const queue_ptr queue{rd_kafka_queue_new(client_.get())};
  rd_kafka_DescribeConfigs(client_.get(), wanted.data(), wanted.size(), options.get(), queue.get());
  const auto event = await(queue.get(), timeout);
  if (const auto error = failure_of(event, "DescribeConfigs")) {
    core::log_info("topic limits unknown",
                   {{"assumed_bytes", core::record_bytes_max_default}, {"error", error->text}});
    return;
  }
  std::size_t count = 0;
  const auto* answers = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (const auto* answer : std::span{answers, count}) {
    const auto limit = number_of(answer, limit_name);
    const auto topic =
        std::ranges::find(topics, rd_kafka_ConfigResource_name(answer), &topic_facts::name);
    if (topic == topics.end()) continue;
    topic->compacted = is_compacted(answer);
    topic->rules = rules_of(answer);
    if (limit.value_or(0) > 0) {
      topic->record_bytes_max = static_cast<std::size_t>(*limit);
    } else {
      core::log_info("topic limits unknown",
                     {{"topic", topic->name}, {"assumed_bytes", core::record_bytes_max_default}});
    }
  }
}

std::optional<io_error> admin::create_topics(const std::vector<topic_to_create>& topics,
                                             duration timeout) const {
  std::array<char, 512> text{};
  std::vector<new_topic_ptr> owned;
  std::vector<rd_kafka_NewTopic_t*> wanted;
  for (const auto& topic : topics) {
    const int replication = topic.replication == 0 ? -1 : topic.replication;
    owned.emplace_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, replication,
                                             text.data(), text.size()));
    if (!owned.back()) return io_error{RD_KAFKA_RESP_ERR__INVALID_ARG, text.data()};
    wanted.push_back(owned.back().get());
  }
  if (wanted.empty()) return {};
  const auto options = options_for(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
  // Until the brokers agree on them, not only until the controller has accepted them.
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), milliseconds(timeout), text.data(),
                                              text.size());
  const queue_ptr queue{rd_kafka_queue_new(client_.get())};
  rd_kafka_CreateTopics(client_.get(), wanted.data(), wanted.size(), options.get(), queue.get());
  const auto event = await(queue.get(), timeout);
  if (auto error = failure_of(event, "CreateTopics")) return error;
  std::size_t count = 0;
  const auto* answers =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (const auto* answer : std::span{answers, count}) {
    const auto code = rd_kafka_topic_result_error(answer);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    const char* why = rd_kafka_topic_result_error_string(answer);
    return io_error{code, "cannot create topic " + std::string{rd_kafka_topic_result_name(answer)} +
                              ": " + (why == nullptr ? rd_kafka_err2str(code) : why)};
  }
  return {};
}

result<watermarks> admin::read_watermarks(const std::string& topic, std::int32_t partition,
                                          duration timeout) const {
  const auto about = [&](io_error error) {
    error.text = "watermarks of " + topic + "/" + std::to_string(partition) + ": " + error.text;
    return error;
  };
  const deadline until{timeout};
  const auto low = ask_log_end(client_.get(), topic, partition, log_end::first, timeout);
  if (!low) return about(low.error());
  const auto high = ask_log_end(client_.get(), topic, partition, log_end::next, until.left());
  if (!high) return about(high.error());
  return watermarks{*low, *high};
}

result<std::vector<watermarks>> admin::read_all_watermarks(const std::string& topic,
                                                           std::int32_t partitions,
                                                           duration timeout) const {
  std::vector<watermarks> all;
  for (std::int32_t p = 0; p < partitions; ++p) {
    const auto marks = read_watermarks(topic, p, timeout);
    if (!marks) return marks.error();
    all.push_back(*marks);
  }
  return all;
}

result<std::vector<partition_offset>> admin::committed_offsets(const std::string& group,
                                                               const std::string& topic,
                                                               std::int32_t partitions,
                                                               duration timeout) const {
  if (!settings_) return error_of(RD_KAFKA_RESP_ERR__INVALID_ARG, "offsets of group " + group);
  const auto client = make_group_client(*settings_, group);
  if (!client) return client.error();
  const auto about = "offsets of group " + group;
  const deadline until{timeout};
  while (true) {
    const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(partitions)};
    for (std::int32_t p = 0; p < partitions; ++p) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
    }
    const auto code =
        ask_committed(client->get(), list.get(), std::min(until.left(), coordinator_answer));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets_in(list.get());
    if (auto refusal = refusal_of_group(client->get())) {
      refusal->text = about + ": " + refusal->text;
      return std::move(*refusal);
    }
    if (!is_coordinator_trouble(code) || until.left() <= coordinator_pause)
      return error_of(client->get(), code, about);
    std::this_thread::sleep_for(coordinator_pause);
  }
}

result<std::vector<std::int64_t>> admin::offsets_at(const std::string& topic,
                                                    std::int32_t partitions,
                                                    std::int64_t timestamp_ms,
                                                    duration timeout) const {
  const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(partitions)};
  for (std::int32_t p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = timestamp_ms;
  }
  const auto code =
      rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(client_.get(), code, "offsets by time of " + topic);
  std::vector<std::int64_t> offsets;
  for (const auto& element : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return error_of(element.err, "offsets by time of " + topic);
    }
    offsets.push_back(element.offset >= 0 ? element.offset : -1);
  }
  return offsets;
}

}  // namespace turnstile::kafka_io
