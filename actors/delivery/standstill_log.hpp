// Says in the log that a partition cannot go on, why, and what to do; and when it goes on again.
//
// Owned by a producer, used on its actor. What was said of a partition has an end in the log; while
// it stands still it is said again, each time after twice as long.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actors/delivery/delivery_lane.hpp"
#include "core/layout.hpp"
#include "core/log.hpp"
#include "kafka_io/delivery_advice.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::actors {

/// Of the output topics, in the order of core::output_topic.
using topic_names = std::array<std::string, core::output_topic_count>;

/// Whole seconds and tenths.
[[nodiscard]] std::string seconds_text(std::chrono::steady_clock::duration passed);

/// Where summaries of `lane` were left out.
void log_left_out(delivery_lane& lane, const topic_names& topics);

class standstill_log {
public:
  explicit standstill_log(topic_names topics = {}) : topics_(std::move(topics)) {}

  /// A delivery failed, and `lane` waits before it sends again.
  void waits(const delivery_lane& lane, const std::string& error, steady_time now);

  /// Of that partition all up to the batch `seq` are acknowledged.
  void finished(core::batch_source source, std::uint64_t seq, steady_time now);

  /// It is given back.
  void closed(core::partition_epoch source, steady_time now);

private:
  struct standstill {
    std::uint64_t seq = 0;  ///< Of the batch that cannot be delivered.
    core::output_topic topic{};
    steady_time since{};
    steady_time told_next{};
    bool told = false;
  };
  void end(core::batch_source source, const char* event, steady_time now);

  topic_names topics_;
  std::map<core::batch_source, standstill> standing_;
  core::log_limiter limiter_{std::chrono::seconds(1)};
};

/// The same of a producer's transactions, where one failed delivery concerns all that is in one.
class failure_log {
public:
  explicit failure_log(std::size_t producer = 0, topic_names topics = {})
    : producer_(producer), topics_(std::move(topics)) {}

  /// The first failure in a transaction, of a record of `lane`, or of none.
  void note(const delivery_lane& lane, kafka_io::error_code code, std::string error);
  void note(std::string error) { cause_ = {std::move(error), "none", "none"}; }
  void note(const kafka_io::io_error& error) {
    cause_ = {error.text, "none", kafka_io::delivery_advice(error.code)};
  }

  /// `reason`: librdkafka's, where the first failure only followed from another.
  void aborted(const std::string& reason, std::uint32_t attempts, steady_time now);
  void committed(steady_time now);

  [[nodiscard]] const std::string& error() const { return cause_.error; }
  [[nodiscard]] std::string_view advice() const { return cause_.advice; }

private:
  struct cause {
    std::string error;
    std::string topic = "none";
    std::string_view advice = "none";
  };

  std::size_t producer_;
  topic_names topics_;
  cause cause_;
  std::optional<steady_time> since_;  ///< The first abort since the last commit.
  bool told_ = false;
  core::log_limiter limiter_{std::chrono::seconds(1)};
};

}  // namespace turnstile::actors
