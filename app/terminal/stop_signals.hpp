// SIGINT and SIGTERM as calls on a thread of their own.
//
// `block_stop_signals` is called on the main thread before any other thread exists, so that no
// thread is interrupted by them; a stop_signals object then waits for them. The first asks for a
// clean stop; the second ends the process at once, which is as safe as a kill: whatever is
// committed was acknowledged before.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace turnstile::app {

void block_stop_signals();

class stop_signals {
public:
  /// `stop` is called with the signal's name, once, on the listening thread.
  explicit stop_signals(std::function<void(const std::string&)> stop);
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

private:
  void listen();

  std::function<void(const std::string&)> stop_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

/// A stop that one thread asks for and others look at or wait for.
class stop_flag {
public:
  void set() {
    const std::lock_guard lock{mutex_};
    set_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool is_set() {
    const std::lock_guard lock{mutex_};
    return set_;
  }
  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return set_; });
  }
  /// True: it is set.
  bool wait_for(std::chrono::seconds time) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, time, [this] { return set_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace turnstile::app
