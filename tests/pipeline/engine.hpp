// The worker under test as its test sees it: started when made, stopped on request.
//
// Owned by a running_worker, used on the test's thread. GUARANTEES: after `wait` all threads and
// clients of the worker are gone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/settings.hpp"
#include "core/transform.hpp"

namespace turnstile::tests {

using transform_maker =
    std::function<std::unique_ptr<core::record_transform>(const core::settings&)>;

/// What the actors counted so far, summed over those of a kind.
struct worker_counts {
  std::int64_t transformed = 0;
  std::int64_t finished = 0;
  std::int64_t delivery_failures = 0, refusals = 0, repetitions = 0, rebuilds = 0;
  std::int64_t queued = 0;
  std::int64_t commits = 0, commit_failures = 0, losses = 0;
  std::int64_t transactions = 0, aborts = 0;
};

class worker_engine {
public:
  virtual ~worker_engine() = default;
  virtual void request_stop() = 0;
  /// The exit code, once the worker has ended.
  virtual int wait() = 0;
  [[nodiscard]] virtual worker_counts counts() const = 0;
};

/// As `turnstile run` starts it. Its counts stay with it: they are all 0 here.
[[nodiscard]] std::unique_ptr<worker_engine> start_host(const core::settings& settings);

struct engine_plan {
  transform_maker make_transform;  ///< Null: login_transform.
  std::size_t credit_records = 32768;
  /// With several requests in flight librdkafka's mock makes a plain idempotent producer believe in
  /// an acknowledgement that never was, once errors are injected.
  bool one_request_in_flight = false;
};

/// The actors alone, put together as app/worker_host does, with what a test replaces.
/// REQUIRES: the topics are there.
[[nodiscard]] std::unique_ptr<worker_engine> start_actors(const core::settings& settings,
                                                          const engine_plan& plan);

}  // namespace turnstile::tests
