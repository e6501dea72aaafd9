// Asks for the topics' layout again when deliveries fail: an output topic may have been recreated
// with fewer partitions.
//
// Owned by a producer actor, called on it alone. Not more often than deliveries that time out in an
// outage can bear: the lookup has one thread, and assignments need it too.
#pragma once

#include <chrono>
#include <optional>

#include "kafka_io/io.hpp"
#include "messages/messages.hpp"

namespace turnstile::actors {

class layout_question {
public:
  static constexpr std::chrono::seconds interval{5};

  /// `asking` gets layout_described, unless it was asked within the interval (false) or no broker
  /// answers.
  template <class Asking>
  bool ask(kafka_io::broker_lookup& lookup, std::chrono::steady_clock::time_point now,
           Asking asking) {
    if (asked_at_ && now < *asked_at_ + interval) return false;
    asked_at_ = now;
    lookup.describe(
        {}, [asking = std::move(asking)](const std::optional<kafka_io::assignment_facts>& facts) {
          if (facts) messages::tell(asking, messages::layout_described{facts->layout});
        });
    return true;
  }

private:
  std::optional<std::chrono::steady_clock::time_point> asked_at_;
};

}  // namespace turnstile::actors
