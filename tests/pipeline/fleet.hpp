// All workers of the pipeline tests, started together on one embedded broker.
//
// A first join takes the broker three seconds whoever joins, so every test file prepares its worker
// at namespace scope, the first case that needs one starts them all, and main stops them. A worker
// idles while others are tested: what is injected meets only the one that is at work. Used on the
// test's thread.
#pragma once

#include <string>
#include <vector>

#include "tests/pipeline/running_worker.hpp"
#include "tests/pipeline/shared_log.hpp"

namespace turnstile::tests {

class prepared_worker {
public:
  explicit prepared_worker(worker_plan plan);
  prepared_worker(const prepared_worker&) = delete;
  prepared_worker& operator=(const prepared_worker&) = delete;

  running_worker& operator*() const;
  running_worker* operator->() const { return &**this; }

private:
  std::size_t index_;
};

[[nodiscard]] shared_log& fleet_log();

/// Names of the workers that ended with another code than planned, without those a test stopped.
[[nodiscard]] std::vector<std::string> stop_fleet();

}  // namespace turnstile::tests
