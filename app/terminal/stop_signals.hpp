// SIGINT, SIGTERM and SIGHUP as calls on a thread of their own.
//
// `block_stop_signals` is called on the main thread before any other thread exists, so that no
// thread is interrupted by them; a stop_signals object then waits for them. The first asks for a
// clean stop; the second ends the process at once, which is as safe as a kill: whatever is
// committed was acknowledged before. SIGHUP asks for a reload where somebody reloads; where the
// terminal has gone it is a stop, unless the process is to outlive it (nohup).
#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace turnstile::app {

void block_stop_signals();
/// SIGHUP too: for who gives a stop_signals object a function to reload.
void block_reload_signal();

/// Whether one to stop has come that no stop_signals object has taken; takes those to reload away.
[[nodiscard]] bool stop_signal_waits();

class stop_signals {
public:
  /// Called on the listening thread: `stop` with the signal's name, once; `reload` each time.
  explicit stop_signals(std::function<void(const std::string&)> stop,
                        std::function<void()> reload = {});
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

private:
  void listen();
  void take(int signal, bool by_kernel);

  std::function<void(const std::string&)> stop_;
  std::function<void()> reload_;
  bool outlives_terminal_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point counts_from_{};  ///< A second one.
  int signals_;
  int done_;
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
