// The questions that librdkafka only answers by blocking, asked on a thread of their own.
//
// Shared by the actors that ask, the last of which destroys it; every method may be called on any
// thread. Answers are given on the lookup's thread, at most one question at a time; no facts only
// after a pause.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/log.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

/// Reads the topics' partitions and limits; blocks; nothing where no broker answered in time.
using layout_reader = std::function<std::optional<core::topic_layout>()>;

class rd_broker_lookup final : public broker_lookup {
public:
  /// `consumer`: the group's client; its connections are the ones to keep busy.
  /// `at_end`: a group that has committed nothing begins there (group_begin.hpp).
  rd_broker_lookup(shared_client consumer, std::string topic, layout_reader read_layout,
                   bool at_end = false);

  /// Waits for the question that is being asked, seconds at most. The others are never answered.
  ~rd_broker_lookup() override;
  rd_broker_lookup(const rd_broker_lookup&) = delete;
  rd_broker_lookup& operator=(const rd_broker_lookup&) = delete;

  void describe(std::vector<std::int32_t> partitions,
                std::function<void(std::optional<assignment_facts>)> answer) override;
  void ask_ends(std::vector<std::int32_t> partitions,
                std::function<void(std::vector<log_end_fact>)> answer) override;
  void set_starving(std::int32_t partition, bool starving) override;

private:
  struct question {
    std::vector<std::int32_t> partitions;
    std::function<void(std::optional<assignment_facts>)> answer;
  };

  struct ends_question {
    std::vector<std::int32_t> partitions;
    std::function<void(std::vector<log_end_fact>)> answer;
  };

  void serve();
  void stir_next(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::optional<assignment_facts> describe_now(
      const std::vector<std::int32_t>& partitions);
  /// rd_kafka_committed
  [[nodiscard]] std::optional<std::vector<partition_offset>> committed(
      const std::vector<std::int32_t>& partitions);
  [[nodiscard]] std::vector<log_end_fact> ends_now(const std::vector<std::int32_t>& partitions);
  void pause(std::unique_lock<std::mutex>& lock);

  shared_client consumer_;
  std::string topic_;
  layout_reader read_layout_;
  bool at_end_;
  // On the lookup's thread.
  std::shared_ptr<const core::topic_layout> last_layout_;
  core::log_limiter no_answer_log_{std::chrono::seconds(1)};
  std::int32_t last_stirred_ = -1;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<question> questions_;
  std::optional<ends_question> ends_question_;  ///< After the others: figures can wait.
  std::set<std::int32_t> starving_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace turnstile::kafka_io
