// What questions by librdkafka's admin interface share: options, one deadline, the answer's wait.
//
// Free functions and a value; they block the calling thread, any but an actor's.
#pragma once

#include <algorithm>
#include <chrono>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// What is left of a timeout that several requests share.
class deadline {
public:
  using duration = std::chrono::milliseconds;

  explicit deadline(duration timeout) : at_(clock::now() + timeout) {}
  [[nodiscard]] duration left() const {
    return std::max(duration{1}, std::chrono::duration_cast<duration>(at_ - clock::now()));
  }

private:
  using clock = std::chrono::steady_clock;
  clock::time_point at_;
};

[[nodiscard]] admin_options_ptr options_for(rd_kafka_t* client, rd_kafka_admin_op_t what,
                                            std::chrono::milliseconds timeout);

/// The answer of an admin request; its own timeout ends the wait.
[[nodiscard]] result<event_ptr> await_answer(rd_kafka_t* client, rd_kafka_queue_t* queue,
                                             std::chrono::milliseconds timeout);

/// A new cluster makes its offsets topic at the first question, and says so for a second.
inline constexpr std::chrono::milliseconds coordinator_pause{100};

/// It passes: the group's coordinator moves, or is not there yet.
[[nodiscard]] bool is_coordinator_trouble(error_code code);

}  // namespace turnstile::kafka_io
