// SIGINT and SIGTERM as calls on a thread of their own.
//
// `block_stop_signals` is called on the main thread before any other thread exists, so that no
// thread is interrupted by them; a stop_signals object then waits for them. The first asks for a
// clean stop; the second ends the process at once, which is as safe as a kill: whatever is
// committed was acknowledged before.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
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

}  // namespace turnstile::app
