// Tells a service manager how the worker is: systemd's notification protocol, by datagrams.
//
// Owned by the command that runs a worker; where the environment names no manager there is none.
// A thread of its own reads the figures and asks no actor. THREAD: `note` on any, the others on the
// owner's. GUARANTEES: never waits for the manager; readiness is told until it was taken.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "figures/registry.hpp"

namespace turnstile::app {

/// Where the manager listens, and how often it wants a sign of life.
class notify_socket {
public:
  /// Nothing: nobody is to be told. Of the variables NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.
  [[nodiscard]] static std::optional<notify_socket> of_environment();

  /// `address`: a path, or `@` and an abstract name.
  notify_socket(std::string address, std::chrono::microseconds watchdog)
    : address_(std::move(address)), watchdog_(watchdog) {}

  /// False: the manager has not taken it.
  bool tell(std::string_view assignments) const;
  [[nodiscard]] std::chrono::microseconds watchdog() const { return watchdog_; }

private:
  std::string address_;
  std::chrono::microseconds watchdog_;  ///< 0: no sign of life is wanted.
};

enum class service_step : std::uint8_t {
  reloading,  ///< Whether a new configuration can be taken is being looked at.
  refused,    ///< It cannot be: the worker goes on.
  stopping,
};

class service_manager {
public:
  service_manager(notify_socket to, std::shared_ptr<const figures::registry> figures);
  ~service_manager() = default;
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  void note(service_step step);

private:
  void serve(const std::stop_token& end);
  void tell();
  [[nodiscard]] std::chrono::microseconds pause() const;

  notify_socket to_;
  std::shared_ptr<const figures::registry> figures_;
  std::atomic<bool> ready_ = false;  ///< And the manager knows.
  std::int64_t finished_ = 0;
  std::chrono::steady_clock::time_point finished_at_;
  std::string status_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_;  ///< Last: it uses the others.
};

/// A line for people: what the worker does or waits for, its partitions, rate and lag.
[[nodiscard]] std::string service_status(const figures::registry& figures,
                                         const figures::moment& at, double records_per_s);

}  // namespace turnstile::app
