#include "app/terminal/stop_signals.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace turnstile::app {

namespace {

/// A terminal or a supervisor may signal both a process and its group: one request, two signals.
constexpr std::chrono::milliseconds echo_max{300};

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

void block(const sigset_t& set) { pthread_sigmask(SIG_BLOCK, &set, nullptr); }

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// Takes one that waits.
bool take_waiting(const sigset_t& set) {
  const timespec at_once{};
  return ::sigtimedwait(&set, nullptr, &at_once) > 0;
}

}  // namespace

void block_stop_signals() { block(set_of({SIGINT, SIGTERM})); }
void block_reload_signal() { block(set_of({SIGHUP})); }

bool stop_signal_waits() {
  take_waiting(set_of({SIGHUP}));
  return take_waiting(set_of({SIGINT, SIGTERM}));
}

stop_signals::stop_signals(std::function<void(const std::string&)> stop,
                           std::function<void()> reload)
  : stop_(std::move(stop)),
    reload_(std::move(reload)),
    outlives_terminal_(is_ignored(SIGHUP)),
    done_(::eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = reload_ ? set_of({SIGINT, SIGTERM, SIGHUP}) : set_of({SIGINT, SIGTERM});
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  thread_ = std::thread{[this] { listen(); }};
}

stop_signals::~stop_signals() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(done_, &one, sizeof one));
  thread_.join();
  ::close(signals_);
  ::close(done_);
}

void stop_signals::listen() {
  std::array<pollfd, 2> both{{{done_, POLLIN, 0}, {signals_, POLLIN, 0}}};
  while (true) {
    if (::poll(both.data(), both.size(), -1) < 0) continue;
    if (both[0].revents != 0) return;
    signalfd_siginfo came{};
    if (::read(signals_, &came, sizeof came) != sizeof came) continue;
    take(static_cast<int>(came.ssi_signo), came.ssi_code > 0);
  }
}

void stop_signals::take(int signal, bool by_kernel) {
  if (signal == SIGHUP && !by_kernel) return reload_();
  if (signal == SIGHUP && outlives_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (stopping_) {
    if (now >= counts_from_) _exit(128 + signal);
    return;
  }
  stopping_ = true;
  counts_from_ = now + echo_max;
  stop_(signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP");
}

}  // namespace turnstile::app
