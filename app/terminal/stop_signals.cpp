#include "app/terminal/stop_signals.hpp"

#include <chrono>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace turnstile::app {

namespace {

/// A terminal or a supervisor may signal both a process and its group: one request, two signals.
constexpr std::chrono::milliseconds echo_max{300};

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_stop_signals() {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

stop_signals::stop_signals(std::function<void(const std::string&)> stop)
  : stop_(std::move(stop)), thread_([this] { listen(); }) {}

stop_signals::~stop_signals() {
  done_ = true;
  // Blocked in every thread: it wakes the sigwait and ends nothing.
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

void stop_signals::listen() {
  const sigset_t set = stop_set();
  std::chrono::steady_clock::time_point counts_from{};
  for (bool first = true;;) {
    int signal = 0;
    sigwait(&set, &signal);
    if (done_) return;
    const auto now = std::chrono::steady_clock::now();
    if (!first && now >= counts_from) _exit(128 + signal);
    if (!first) continue;
    first = false;
    counts_from = now + echo_max;
    stop_(signal == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

}  // namespace turnstile::app
