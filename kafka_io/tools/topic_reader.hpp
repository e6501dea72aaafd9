// Reads whole topics without a group: nothing is committed, no other reader notices.
//
// Owned and used by one thread, which may block in `read`. For watch, demo and tests; the worker
// reads through partition_source. GUARANTEES: with `end` every record written after `open` returned
// is read; with `beginning` every one that the broker still has. Records of one partition come in
// order; with `until_end` none comes that was written after `open`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"
#include "kafka_io/tools/time_order.hpp"

namespace turnstile::kafka_io {

enum class read_from : std::uint8_t {
  beginning,
  end,
  offset,  ///< This one of each partition, or the nearest that is there.
  last,    ///< So many before the end of each partition.
  time,    ///< Milliseconds since the epoch: the first record that is not older.
};

/// Which records of the topics.
struct read_scope {
  /// Implicit: most readers want all that there is from a place on.
  read_scope(read_from place, std::int64_t of_place = 0) : from(place), value(of_place) {}

  read_from from;
  std::int64_t value = 0;
  std::vector<std::int32_t> partitions;  ///< Empty: all.
  bool until_end = false;                ///< Up to the ends as they are when it is opened.
  /// What was there when it was opened comes in the order of its times, as far as memory goes.
  bool by_time = false;
};

struct topic_facts;

struct topic_record {
  std::string_view topic;
  std::int32_t partition = -1;
  core::record_view record;
};

class topic_reader {
public:
  using duration = std::chrono::milliseconds;

  /// Waits up to `timeout` for a broker; a topic or partition that does not exist is an error.
  [[nodiscard]] static result<topic_reader> open(const core::settings& settings,
                                                 const std::vector<std::string>& topics,
                                                 const read_scope& scope, duration timeout);
  topic_reader(topic_reader&&) = default;
  topic_reader& operator=(topic_reader&&) = delete;
  ~topic_reader();

  /// Calls `each` for what is there, at most a few hundred records, or waits up to `timeout` for
  /// the first. What `each` is given is good until it returns. Gives the number of records.
  std::size_t read(duration timeout, const std::function<void(const topic_record&)>& each);

  /// How many partitions there are to read, of all topics.
  [[nodiscard]] std::size_t partitions() const { return partitions_; }

  /// With `until_end`: all is read. Never without.
  [[nodiscard]] bool at_end() const { return until_end_ && ends_.empty() && held_.empty(); }

  /// Errors of partitions since the last call.
  [[nodiscard]] std::vector<io_error> take_errors() { return std::exchange(errors_, {}); }

private:
  struct started_partition {
    rd_kafka_topic_t* topic = nullptr;
    std::int32_t partition = -1;
  };

  using place = time_order<message_ptr>::place;

  topic_reader(shared_client client, const read_scope& scope)
    : client_(std::move(client)),
      queue_(rd_kafka_queue_new(client_.get())),
      until_end_(scope.until_end),
      by_time_(scope.by_time) {}
  [[nodiscard]] std::optional<io_error> start(const topic_facts& topic, const read_scope& scope,
                                              duration timeout);
  /// True: to be handed out.
  [[nodiscard]] bool take(const rd_kafka_message_t& message);
  [[nodiscard]] bool before_end(const rd_kafka_message_t& message);
  std::size_t hand_out_by_time(bool waited, const std::function<void(const topic_record&)>& each);
  void hand_out(rd_kafka_message_t* message, const std::function<void(const topic_record&)>& each);

  shared_client client_;
  queue_ptr queue_;
  std::vector<topic_ptr> topics_;
  std::vector<started_partition> started_;
  bool until_end_;
  bool by_time_;
  std::size_t partitions_ = 0;
  /// With `until_end` or `by_time`: of the partitions that are not read up to there yet.
  std::map<place, std::int64_t> ends_;
  time_order<message_ptr> held_;  ///< With `by_time`.
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<core::header_view> headers_;
  std::vector<io_error> errors_;
};

}  // namespace turnstile::kafka_io
