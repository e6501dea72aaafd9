// librdkafka's consumer as a member of the group.
//
// Owned by the group_consumer, which makes every call. THREAD: the wake function is called on
// librdkafka's threads. GUARANTEES: a partition's records go to its source only; no offset is
// stored or committed but by `commit`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/worker/membership_news.hpp"
#include "kafka_io/worker/rd_shared_fetch.hpp"

namespace turnstile::kafka_io {

class rd_group_client final : public group_client {
public:
  /// `client`: a consumer made with `enable_group_events`. `shared`: what may be in flight of all
  /// partitions together, where they share a queue. `renewals`: tell of each
  /// membership_renewed.
  rd_group_client(shared_client client, std::string topic, std::optional<in_flight> shared,
                  bool renewals = false);
  ~rd_group_client() override;
  rd_group_client(const rd_group_client&) = delete;
  rd_group_client& operator=(const rd_group_client&) = delete;

  void wake_with(wake_fn wake) override;

  /// rd_kafka_subscribe
  void subscribe() override;

  /// rd_kafka_queue_poll of the group's queue and of the commits' queue, until both are empty.
  std::vector<group_event> poll() override;
  std::shared_ptr<partition_source> open(std::int32_t partition) override;

  /// rd_kafka_assign or rd_kafka_incremental_assign
  void assign(const std::vector<partition_offset>& partitions) override;
  /// rd_kafka_assign(NULL) or rd_kafka_incremental_unassign
  void unassign(const std::vector<std::int32_t>& partitions) override;

  /// rd_kafka_commit_queue
  void commit(const std::vector<partition_offset>& offsets) override;

  /// rd_kafka_consumer_close_queue
  void start_close() override;
  [[nodiscard]] bool closed() override;

private:
  /// rd_kafka_consumer_group_metadata
  [[nodiscard]] membership member_now() const;
  /// rd_kafka_memberid; empty where the group knows no such member.
  [[nodiscard]] std::string member_id() const;
  [[nodiscard]] bool cooperative() const;
  [[nodiscard]] topic_partition_list_ptr list_of(const std::vector<std::int32_t>& partitions) const;
  void take(rd_kafka_event_t* event, std::vector<group_event>& into);
  void tell_renewal(const membership& seen, std::vector<group_event>& into);
  void note_refusal(const char* call, rd_kafka_error_t* error);

  shared_client client_;
  std::string topic_;
  queue_ptr group_queue_;
  queue_ptr commit_queue_;
  std::shared_ptr<rd_shared_fetch> shared_;  ///< Null: each partition has a queue of its own.
  std::unique_ptr<wake_fn> wake_;
  bool cannot_close_ = false;  ///< After a fatal error librdkafka refuses to.
  membership_news news_;
  bool renewals_;
  std::vector<group_event> refusals_;  ///< Calls that failed at once; told by the next poll.
};

/// Lets rebalances and errors come as events. Before the client is made.
void enable_group_events(rd_kafka_conf_t* conf);

}  // namespace turnstile::kafka_io
