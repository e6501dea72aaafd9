#include "kafka_io/ask/group_reader.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "kafka_io/ask/admin.hpp"
#include "kafka_io/ask/admin_request.hpp"
#include "kafka_io/ask/broker_facts.hpp"
#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::kafka_io {

namespace {

using duration = std::chrono::milliseconds;
using named_partitions = std::map<std::string, std::map<std::int32_t, group_partition>>;
using group_question = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                       destroy_with<rd_kafka_ListConsumerGroupOffsets_destroy>>;

/// With a group of its own name, because librdkafka 2.0.2 ends the process when a coordinator has
/// moved and the client that asks for offsets has none (issue 5040).
result<shared_client> make_asking_client(const core::settings& settings) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  for (const auto& [name, value] : {std::pair{"group.id", settings.kafka.group.c_str()},
                                    std::pair{"enable.auto.commit", "false"},
                                    std::pair{"isolation.level", "read_uncommitted"}}) {
    if (auto error = set_property(conf->get(), name, value)) return std::move(*error);
  }
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

result<shared_client> make_reading_client(const core::settings& settings) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  if (auto error = set_head_properties(conf->get())) return std::move(*error);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

group_state state_of(rd_kafka_consumer_group_state_t state) {
  switch (state) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE:
      return group_state::preparing_rebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
      return group_state::completing_rebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE:
      return group_state::stable;
    case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD:
      return group_state::dead;
    case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY:
      return group_state::empty;
    default:
      return group_state::unknown;
  }
}

group_partition& named(named_partitions& partitions, const std::string& topic,
                       std::int32_t number) {
  auto& found = partitions[topic][number];
  found.topic = topic;
  found.partition = number;
  return found;
}

void take_member(const rd_kafka_MemberDescription_t* told, group_picture& picture,
                 named_partitions& partitions) {
  picture.members.push_back(
      {.client_id = text_of(rd_kafka_MemberDescription_client_id(told)),
       .host = text_of(rd_kafka_MemberDescription_host(told)),
       .member_id = text_of(rd_kafka_MemberDescription_consumer_id(told)),
       .instance_id = text_of(rd_kafka_MemberDescription_group_instance_id(told))});
  const auto* assignment = rd_kafka_MemberDescription_assignment(told);
  const auto* list =
      assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
  if (list == nullptr) return;
  for (const auto& one : std::span{list->elems, static_cast<std::size_t>(list->cnt)})
    named(partitions, one.topic, one.partition).owner = picture.members.size() - 1;
}

std::optional<io_error> describe(rd_kafka_t* client, const std::string& group, duration timeout,
                                 group_picture& picture, named_partitions& partitions) {
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout);
  const queue_ptr queue{rd_kafka_queue_new(client)};
  const char* name = group.c_str();
  rd_kafka_DescribeConsumerGroups(client, &name, 1, options.get(), queue.get());
  const auto event = await_answer(client, queue.get(), timeout);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* answers = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
  if (count == 0) return error_of(RD_KAFKA_RESP_ERR__BAD_MSG);
  picture.state = state_of(rd_kafka_ConsumerGroupDescription_state(answers[0]));
  const auto* error = rd_kafka_ConsumerGroupDescription_error(answers[0]);
  const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
  // Newer versions of the request say so in the place of a dead group.
  if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
    picture.state = group_state::dead;
  else if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return io_error{code, rd_kafka_error_string(error)};
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(answers[0]); ++i)
    take_member(rd_kafka_ConsumerGroupDescription_member(answers[0], i), picture, partitions);
  return {};
}

std::optional<io_error> read_committed(rd_kafka_t* client, const std::string& group,
                                       duration timeout, named_partitions& partitions) {
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout);
  const queue_ptr queue{rd_kafka_queue_new(client)};
  const group_question question{rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr)};
  auto* asked = question.get();
  rd_kafka_ListConsumerGroupOffsets(client, &asked, 1, options.get(), queue.get());
  const auto event = await_answer(client, queue.get(), timeout);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* answers = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  if (count == 0) return error_of(RD_KAFKA_RESP_ERR__BAD_MSG);
  if (const auto* error = rd_kafka_group_result_error(answers[0]))
    return io_error{rd_kafka_error_code(error), rd_kafka_error_string(error)};
  const auto* list = rd_kafka_group_result_partitions(answers[0]);
  if (list == nullptr) return {};
  for (const auto& one : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
    auto& partition = named(partitions, one.topic, one.partition);
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) partition.trouble = rd_kafka_err2str(one.err);
    if (one.offset >= 0) partition.committed = one.offset;
  }
  return {};
}

/// `ask` again while the coordinator moves.
template <typename Ask>
std::optional<io_error> ask_patiently(const deadline& until, const Ask& ask) {
  while (true) {
    auto error = ask(until.left());
    if (!error || !is_coordinator_trouble(error->code) || until.left() <= coordinator_pause)
      return error;
    std::this_thread::sleep_for(coordinator_pause);
  }
}

}  // namespace

result<group_reader> group_reader::open(const core::settings& settings, duration timeout) {
  auto asking = make_asking_client(settings);
  if (!asking) return asking.error();
  auto reading = make_reading_client(settings);
  if (!reading) return reading.error();
  if (auto error = admin{*asking}.wait_for_broker(timeout)) return std::move(*error);
  return group_reader{settings.kafka.group, std::move(*asking), std::move(*reading)};
}

result<group_picture> group_reader::read(duration timeout) {
  const deadline until{timeout};
  const auto about = [this](io_error error) {
    error.text = "group " + group_ + ": " + error.text;
    return error;
  };
  group_picture picture;
  named_partitions partitions;
  const auto described = ask_patiently(until, [&](duration left) {
    return describe(asking_.get(), group_, left, picture, partitions);
  });
  if (described) return about(*described);
  const auto committed = ask_patiently(until, [&](duration left) {
    return read_committed(asking_.get(), group_, left, partitions);
  });
  if (committed) return about(*committed);
  for (auto& [topic, of_group] : partitions)
    add_topic(topic, std::move(of_group), until.left(), picture);
  find_heads(picture.partitions, until.left());
  return picture;
}

void group_reader::add_topic(const std::string& topic,
                             std::map<std::int32_t, group_partition> named, duration timeout,
                             group_picture& picture) const {
  const auto shape = read_shape(asking_.get(), topic, timeout);
  std::vector<std::int32_t> with_leader;
  const std::int32_t count = shape ? shape->partitions : 0;
  for (std::int32_t p = 0; p < count; ++p) {
    auto& partition = named[p];
    partition.topic = topic;
    partition.partition = p;
    if (std::ranges::find(shape->without_leader, p) == shape->without_leader.end())
      with_leader.push_back(p);
    else
      partition.trouble = "it has no leader";
  }
  std::map<std::int32_t, std::int64_t> first;
  std::map<std::int32_t, std::int64_t> stable;
  std::map<std::int32_t, std::int64_t> end;
  if (!with_leader.empty()) {
    first = ask_log_ends(asking_.get(), topic, with_leader, log_end::first, timeout);
    stable = ask_log_ends(reading_.get(), topic, with_leader, log_end::next, timeout);
    end = ask_log_ends(asking_.get(), topic, with_leader, log_end::next, timeout);
  }
  for (auto& [number, partition] : named) {
    if (!shape)
      partition.trouble = shape.error().text;
    else if (number >= count)
      partition.trouble = "there is no such partition any more";
    const auto found = [number = number](const auto& in) {
      const auto at = in.find(number);
      return at == in.end() ? -1 : at->second;
    };
    partition.first = found(first);
    partition.stable_end = found(stable);
    partition.end = found(end);
    const bool known = partition.first >= 0 && partition.stable_end >= 0 && partition.end >= 0;
    if (!known && partition.trouble.empty()) partition.trouble = "its leader does not answer";
    picture.partitions.push_back(std::move(partition));
  }
}

void group_reader::find_heads(std::vector<group_partition>& partitions, duration timeout) {
  std::map<partition_name, std::int64_t> unknown;
  std::map<partition_name, known_head> known;
  const auto from_of = [](const group_partition& of) { return std::max(of.committed, of.first); };
  for (const auto& partition : partitions) {
    const std::int64_t from = from_of(partition);
    if (!partition.trouble.empty() || from >= partition.stable_end) continue;
    const partition_name name{partition.topic, partition.partition};
    const auto before = heads_.find(name);
    if (before != heads_.end() && before->second.from == from)
      known.insert(*before);
    else
      unknown.emplace(name, from);
  }
  for (const auto& [name, head] : read_heads(reading_, unknown, timeout))
    known[name] = {.from = unknown[name], .head = head};
  for (auto& partition : partitions) {
    const auto found = known.find({partition.topic, partition.partition});
    if (found == known.end()) continue;
    partition.next_offset = std::max(found->second.head.offset, found->second.from);
    partition.next_timestamp_ms = found->second.head.timestamp_ms;
  }
  // Where there was no record, one may have come since.
  std::erase_if(known, [](const auto& entry) { return !entry.second.head.found; });
  heads_ = std::move(known);
}

}  // namespace turnstile::kafka_io
