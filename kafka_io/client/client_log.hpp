// Brings librdkafka's own log lines and error events into our log (event `librdkafka`, fields
// client, facility and text), once for each cause.
//
// No state of its own but one limiter for the process. THREAD: any; lines come from each broker's
// thread. GUARANTEES: never more than a warning, as librdkafka tries again by itself; of one cause
// the first line at once and then at most one a minute, of all together at most 65.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "kafka_io/client/handles.hpp"

namespace turnstile::kafka_io {

/// What a line says without what differs each time: the thread's name, words with digits
/// (addresses, offsets, times), how long it took.
[[nodiscard]] std::string cause_of(std::string_view text);

/// Lets a line of each cause through at once, and again each minute. THREAD: any.
class cause_limiter {
public:
  static constexpr std::chrono::seconds interval{60};
  /// Where there are more, the further ones count as one.
  static constexpr std::size_t causes_max = 64;

  /// How many lines of that cause were held back before this one; nothing where this one is too.
  std::optional<std::uint64_t> admit(const std::string& cause,
                                     std::chrono::steady_clock::time_point now);

private:
  struct told {
    std::chrono::steady_clock::time_point next{};
    std::uint64_t held_back = 0;
  };
  told& entry_of(const std::string& cause, std::chrono::steady_clock::time_point now);

  std::mutex mutex_;
  std::map<std::string, told> causes_;
  told others_;
};

/// rd_kafka_conf_set_log_cb
void forward_client_log(rd_kafka_conf_t* conf);

/// An RD_KAFKA_EVENT_ERROR, which mostly repeats a line of the log.
void log_client_error(const rd_kafka_t* client, std::string_view text);

}  // namespace turnstile::kafka_io
