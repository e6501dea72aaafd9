// Whether a worker lives, and whether it is ready: what /livez and /readyz answer.
//
// Pure functions of the registry; any thread. Kafka is not asked: a broker that is away must not
// have the process restarted.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "figures/registry.hpp"

namespace turnstile::figures {

/// An actor that is asked each 5 s and has not answered for so long hangs.
inline constexpr std::chrono::seconds life_max{30};

struct health_check {
  std::string name;
  bool holds = false;
  std::string why;  ///< What is the case; for people.
};

/// One for each sort of actor.
[[nodiscard]] std::vector<health_check> liveness(const registry& figures, const moment& at);

/// The worker runs and is not to stop, the group is joined, every producer can write.
[[nodiscard]] std::vector<health_check> readiness(const registry& figures);

[[nodiscard]] bool all_hold(const std::vector<health_check>& checks);

/// A line for each: `ok NAME: WHY` or `not NAME: WHY`.
[[nodiscard]] std::string checks_text(const std::vector<health_check>& checks);

}  // namespace turnstile::figures
