// Reads whole topics without a group: nothing is committed, no other reader notices.
//
// Owned and used by one thread, which may block in `read`. For watch, demo and tests; the worker
// reads through partition_source. GUARANTEES: with `end` every record written after `open` returned
// is read; with `beginning` every one that the broker still has. Records of one partition come in
// order.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/settings.hpp"
#include "kafka_io/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

enum class read_from : std::uint8_t { beginning, end };

struct topic_record {
  std::string_view topic;
  std::int32_t partition = -1;
  core::record_view record;
};

class topic_reader {
public:
  using duration = std::chrono::milliseconds;

  /// Waits up to `timeout` for a broker; a topic that does not exist is an error.
  [[nodiscard]] static result<topic_reader> open(const core::settings& settings,
                                                 const std::vector<std::string>& topics,
                                                 read_from from, duration timeout);
  topic_reader(topic_reader&&) = default;
  topic_reader& operator=(topic_reader&&) = delete;
  ~topic_reader();

  /// Calls `each` for what is there, at most a few hundred records, or waits up to `timeout` for
  /// the first. What `each` is given is good until it returns. Gives the number of records.
  std::size_t read(duration timeout, const std::function<void(const topic_record&)>& each);

  /// Errors of partitions since the last call.
  [[nodiscard]] std::vector<io_error> take_errors() { return std::exchange(errors_, {}); }

private:
  struct started_partition {
    rd_kafka_topic_t* topic = nullptr;
    std::int32_t partition = -1;
  };

  explicit topic_reader(shared_client client)
    : client_(std::move(client)), queue_(rd_kafka_queue_new(client_.get())) {}
  [[nodiscard]] std::optional<io_error> start(const std::string& topic, std::int32_t partitions,
                                              read_from from, duration timeout);
  void hand_out(rd_kafka_message_t* message, const std::function<void(const topic_record&)>& each);

  shared_client client_;
  queue_ptr queue_;
  std::vector<topic_ptr> topics_;
  std::vector<started_partition> started_;
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<core::header_view> headers_;
  std::vector<io_error> errors_;
};

}  // namespace turnstile::kafka_io
