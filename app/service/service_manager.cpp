#include "app/service/service_manager.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "figures/health.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

/// Whoever starts the service waits for it to be ready.
constexpr std::chrono::milliseconds pause_before_ready{250};
constexpr std::chrono::seconds pause_after{5};

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// As systemd wants it of who begins to reload.
std::string monotonic_usec() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

std::optional<notify_socket> notify_socket::of_environment() {
  const std::string address{variable("NOTIFY_SOCKET")};
  if (address.size() < 2 || (address.front() != '/' && address.front() != '@')) return {};
  const auto watched = variable("WATCHDOG_PID");
  const bool us = watched.empty() || number_of(watched) == ::getpid();
  return notify_socket{address,
                       std::chrono::microseconds{us ? number_of(variable("WATCHDOG_USEC")) : 0}};
}

bool notify_socket::tell(std::string_view assignments) const {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address_.size() >= sizeof to.sun_path) return false;
  std::memcpy(&to.sun_path[0], address_.data(), address_.size());
  // An abstract name begins with a zero byte, and has none at its end.
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto sent =
      ::sendto(fd, assignments.data(), assignments.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&to),
               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size()));
  ::close(fd);
  return sent >= 0;
}

std::string service_status(const figures::registry& figures, const figures::moment& at,
                           double records_per_s) {
  const auto phase = static_cast<std::size_t>(figures.worker->phase.get());
  std::string text{core::worker_phase_names.at(phase)};
  std::ranges::replace(text, '_', ' ');
  if (phase != static_cast<std::size_t>(core::worker_phase::running)) return text;
  text += ", " + std::to_string(figures.group->partitions.get()) + " partitions, " +
          std::to_string(std::llround(records_per_s)) + " records/s, lag ";
  std::int64_t lag = 0;
  for (const auto& partition : figures.partitions(at)) {
    const auto one = partition.value_of("lag_records");
    if (!one) return text + "not known";
    lag += *one;
  }
  return text + std::to_string(lag) + " records";
}

service_manager::service_manager(notify_socket to, std::shared_ptr<const figures::registry> figures)
  : to_(std::move(to)),
    figures_(std::move(figures)),
    finished_at_(clock::now()),
    thread_([this](const std::stop_token& end) { serve(end); }) {}

void service_manager::note(service_step step) {
  switch (step) {
    case service_step::reloading:
      to_.tell("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
      break;
    case service_step::refused:
      if (ready_) to_.tell("READY=1");
      break;
    case service_step::stopping:
      to_.tell("STOPPING=1");
      break;
  }
}

std::chrono::microseconds service_manager::pause() const {
  const std::chrono::microseconds pause =
      ready_ ? std::chrono::microseconds{pause_after} : pause_before_ready;
  return to_.watchdog().count() > 0 ? std::min(pause, to_.watchdog() / 3) : pause;
}

void service_manager::serve(const std::stop_token& end) {
  std::unique_lock lock{mutex_};
  while (!end.stop_requested()) {
    tell();
    never_.wait_for(lock, end, pause(), [] { return false; });
  }
}

void service_manager::tell() {
  const auto at = figures::now();
  if (to_.watchdog().count() > 0 && figures::all_hold(figures::liveness(*figures_, at)))
    to_.tell("WATCHDOG=1");
  if (!ready_ && figures::all_hold(figures::readiness(*figures_))) ready_ = to_.tell("READY=1");
  const std::int64_t finished = figures_->summary->received.get();
  const std::chrono::duration<double> passed = clock::now() - finished_at_;
  const double rate = static_cast<double>(finished - finished_) / passed.count();
  finished_ = finished;
  finished_at_ = clock::now();
  const auto status = service_status(*figures_, at, rate);
  if (status != std::exchange(status_, status)) to_.tell("STATUS=" + status);
}

}  // namespace turnstile::app
