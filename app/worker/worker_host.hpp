// One worker in this process: clients, actor system and the way from start to exit code.
//
// Owned by the command that runs it. THREAD: start, wait and the destructor on the owner's thread;
// request_stop and figures_table on any; the destructor stops a worker that runs and waits for it.
// GUARANTEES: after `wait` every thread and client of the worker is gone, unless its stop deadline
// passed. Where they are not 4 s after the worker's end, the process ends without it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/settings.hpp"
#include "figures/registry.hpp"

namespace turnstile::app {

class worker_host {
public:
  /// `config_file`: where the settings came from, for the log; may be empty.
  explicit worker_host(const core::settings& settings, const std::string& config_file = {});
  ~worker_host();
  worker_host(const worker_host&) = delete;
  worker_host& operator=(const worker_host&) = delete;

  /// Returns at once. The worker waits for brokers and topics, however long they take. `last`:
  /// called, on a thread of its own, before the process ends without the worker's clients.
  void start(std::function<void(int exit_code)> last = {});

  void request_stop(const std::string& cause);

  /// The exit code, once the worker has ended.
  int wait();

  /// The actors' figures, for people; after the end those of the end.
  [[nodiscard]] std::string figures_table() const;
  [[nodiscard]] const std::shared_ptr<figures::registry>& figures() const;

private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace turnstile::app
