// A whole worker in this process, on topics and in a group of its own, and what a test does to it:
// write its input, wait for its commits, read what it wrote, make its brokers fail.
//
// Owned by the fleet, used on the test's thread. Its input and its group live on broker 1, its
// output topics on broker 2, so that each side can fail alone. GUARANTEES: whatever is waited for
// has a deadline, after which the test case fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "kafka_io/ask/admin.hpp"
#include "tests/kafka_io/broker_fixture.hpp"
#include "tests/pipeline/engine.hpp"

namespace turnstile::tests {

using kafka_io::testing::kept_record;

inline constexpr std::chrono::milliseconds patience{30000};
inline constexpr int input_broker = 1;
inline constexpr int output_broker = 2;

/// Kinds of requests by their numbers in the protocol.
enum class request : std::int16_t {
  none = -1,
  produce = 0,
  fetch = 1,
  metadata = 3,
  offset_commit = 8,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  sync_group = 14,
  init_producer_id = 22,
};

struct worker_plan {
  std::string name;                             ///< Of its group; its topics begin with it.
  int partitions = 1;                           ///< Of all topics.
  std::function<void(core::settings&)> adjust;  ///< May be null.
  engine_plan engine;
  int errors_broker = output_broker;  ///< Where the topic of error records lives.
  bool own_broker = false;            ///< For what no idle worker should feel.
  bool as_the_program = false;        ///< By app/worker_host; `engine` counts for nothing then.
  int ends_with = 0;                  ///< Its exit code where no test stops it.
};

struct input {
  std::optional<std::string> value;
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int32_t partition = 0;
  std::int64_t timestamp_ms = -1;
};

/// What the worker wrote, by topic; within a partition in order.
struct written {
  std::vector<kept_record> processed, errors, cleaned, summaries;
};

class running_worker {
public:
  running_worker(worker_plan plan, kafka_io::embedded_broker& broker);
  ~running_worker();
  running_worker(const running_worker&) = delete;
  running_worker& operator=(const running_worker&) = delete;

  [[nodiscard]] const std::string& name() const { return plan_.name; }
  [[nodiscard]] int ends_with() const { return plan_.ends_with; }
  [[nodiscard]] const core::settings& settings() const { return settings_; }
  [[nodiscard]] worker_counts counts() const { return engine_->counts(); }

  /// Writes all of it in one request where it fits, and waits for the acknowledgements.
  void send(const std::vector<input>& inputs) const;

  /// Waits until every partition's committed offset is its end.
  void await_all_committed() const;

  /// Of one input partition; -1: none.
  [[nodiscard]] std::int64_t committed(std::int32_t partition = 0) const;

  /// How many records a partition of a topic has got.
  [[nodiscard]] std::int64_t end_of(const std::string& topic, std::int32_t partition = 0) const;

  /// Everything written since the last call, up to now.
  [[nodiscard]] written read_new();

  /// send, await_all_committed, read_new.
  written process(const std::vector<input>& inputs);

  /// Answers the next requests of that kind with these errors, 0 for none.
  void fail_produce(const std::vector<rd_kafka_resp_err_t>& errors) const;
  void fail_commit(const std::vector<rd_kafka_resp_err_t>& errors) const;
  /// Of any broker; `api` is Kafka's number of the request. REQUIRES: own_broker.
  void fail_anywhere(std::int16_t api, const std::vector<rd_kafka_resp_err_t>& errors) const;
  /// The same for any kind, at the broker that answers it. Those that any broker answers,
  /// InitProducerId and the like, fail at each.
  void fail_requests(request kind, const std::vector<rd_kafka_resp_err_t>& errors) const;
  /// Whether one of these brokers has answered with all of them.
  [[nodiscard]] bool errors_met(request kind) const;
  void set_down(int broker, bool down) const;

  void request_stop() const { engine_->request_stop(); }
  /// Waits for the end, with its exit code.
  int await_end();
  int stop() {
    request_stop();
    return await_end();
  }
  [[nodiscard]] bool stopped() const { return exit_code_.has_value(); }

private:
  void create_topic(const std::string& topic, int leader) const;
  [[nodiscard]] std::vector<std::string> output_topics() const;
  [[nodiscard]] std::vector<kafka_io::partition_offset> committed_offsets() const;
  [[nodiscard]] bool is_all_committed() const;
  void fail(int broker, std::int16_t api, const std::vector<rd_kafka_resp_err_t>& errors) const;

  worker_plan plan_;
  kafka_io::embedded_broker& broker_;
  core::settings settings_;
  std::optional<kafka_io::admin> brokers_;
  kafka_io::shared_client group_;
  std::unique_ptr<worker_engine> engine_;
  std::optional<kafka_io::topic_reader> reader_;
  std::vector<std::pair<std::pair<std::string, std::int32_t>, std::int64_t>> read_to_;
  std::optional<int> exit_code_;
};

/// True once `holds` does; false where it does not within `patience`.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds) {
  constexpr std::chrono::milliseconds look_again{5};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

/// The value of a header; `none` where it is not there or null.
[[nodiscard]] std::string header_of(const kept_record& record, std::string_view name);

/// The offset that a record's origin header names.
[[nodiscard]] std::int64_t origin_of(const kept_record& record);
[[nodiscard]] std::vector<std::int64_t> origins_of(const std::vector<kept_record>& records);

}  // namespace turnstile::tests
