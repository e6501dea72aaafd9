// Questions to the brokers and their answers, each a blocking call with a timeout: topics, limits,
// watermarks, committed offsets; and the creation of topics.
//
// A small client of its own, or one that it shares. Owned by whoever asks; THREAD: any, but it
// blocks, so never an actor's. GUARANTEES: no call takes longer than twice its timeout and
// 2 s; nothing is created but by `create_topics`.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

struct topic_facts {
  std::string name;
  std::int32_t partitions = 0;  ///< 0: there is no such topic.
  std::size_t record_bytes_max = core::record_bytes_max_default;
  bool compacted = false;  ///< `cleanup.policy` names compaction.
  core::record_rules rules;
};

/// That there is no such topic, or no such partition of it; nothing where it is there.
[[nodiscard]] std::optional<io_error> missing_partition(const topic_facts& topic,
                                                        std::int32_t partition);

struct topic_to_create {
  std::string name;
  int partitions = 1;
  int replication = 0;  ///< 0: the broker's default.
};

/// First offset that is there, and the one that the next record will get.
struct watermarks {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

class admin {
public:
  using duration = std::chrono::milliseconds;

  /// Makes a client for the brokers of `settings`; does not connect yet.
  [[nodiscard]] static result<admin> open(const core::settings& settings);

  /// Asks through a client that exists; its configuration should not create topics by asking.
  explicit admin(shared_client client) : client_(std::move(client)) {}

  /// For questions that are not here.
  [[nodiscard]] const shared_client& client() const { return client_; }

  /// rd_kafka_metadata: nothing where a broker answers within `timeout`.
  [[nodiscard]] std::optional<io_error> wait_for_broker(duration timeout) const;

  /// rd_kafka_clusterid: whether it is a mock cluster of librdkafka's, which accepts transactions
  /// and enforces nothing. False also where no broker answers within `timeout`.
  [[nodiscard]] bool is_embedded_broker(duration timeout) const;

  /// rd_kafka_metadata for each, rd_kafka_DescribeConfigs for all. In the order of `names`.
  [[nodiscard]] result<std::vector<topic_facts>> read_topics(const std::vector<std::string>& names,
                                                             duration timeout) const;

  /// rd_kafka_CreateTopics. A topic that is there already is no error.
  [[nodiscard]] std::optional<io_error> create_topics(const std::vector<topic_to_create>& topics,
                                                      duration timeout) const;

  /// rd_kafka_committed; partitions without a committed offset are left out. Makes a consumer of
  /// the group for the question, which joins nothing. REQUIRES: made by `open`. Not by way of
  /// rd_kafka_ListConsumerGroupOffsets: on a client without a group that kills the process when the
  /// coordinator has moved or is not ready (librdkafka issue 5040, open in 2.0.2 and after).
  [[nodiscard]] result<std::vector<partition_offset>> committed_offsets(const std::string& group,
                                                                        const std::string& topic,
                                                                        std::int32_t partitions,
                                                                        duration timeout) const;

  [[nodiscard]] result<watermarks> read_watermarks(const std::string& topic, std::int32_t partition,
                                                   duration timeout) const;

  /// Of the partitions from 0, one after the other; `timeout` is for each.
  [[nodiscard]] result<std::vector<watermarks>> read_all_watermarks(const std::string& topic,
                                                                    std::int32_t partitions,
                                                                    duration timeout) const;

  /// rd_kafka_offsets_for_times, for the partitions from 0: the first offset whose record is not
  /// older than `timestamp_ms`; -1: there is none.
  [[nodiscard]] result<std::vector<std::int64_t>> offsets_at(const std::string& topic,
                                                             std::int32_t partitions,
                                                             std::int64_t timestamp_ms,
                                                             duration timeout) const;

private:
  admin(shared_client client, const core::settings& settings)
    : client_(std::move(client)), settings_(std::make_shared<const core::settings>(settings)) {}

  struct described {
    std::int32_t partitions = 0;
    std::int32_t some_broker = -1;
  };
  [[nodiscard]] result<described> describe(const std::string& topic, duration timeout) const;
  void read_limits(std::vector<topic_facts>& topics, std::int32_t broker, duration timeout) const;

  shared_client client_;
  std::shared_ptr<const core::settings> settings_;  ///< Null where the client is another's.
};

}  // namespace turnstile::kafka_io
