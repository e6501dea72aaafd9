// Brings librdkafka's own log lines into ours (event `librdkafka`, fields facility and text).
//
// No state of its own but one limiter for the process. THREAD: librdkafka calls it on its own
// threads. GUARANTEES: at most ten lines a second; how many were held back stands in the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "kafka_io/handles.hpp"

namespace turnstile::kafka_io {

inline constexpr int client_log_lines_per_second_max = 10;

/// Lets so many lines through in a second. THREAD: any; lines come from each broker's thread.
class line_limiter {
public:
  /// How many lines were held back before this one; nothing where this one is held back too.
  std::optional<std::uint64_t> admit(std::chrono::steady_clock::time_point now);

private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point window_end_{};
  int admitted_ = 0;
  std::uint64_t held_back_ = 0;
};

/// rd_kafka_conf_set_log_cb
void forward_client_log(rd_kafka_conf_t* conf);

}  // namespace turnstile::kafka_io
