#include "app/service/service_manager.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/figures.hpp"

namespace turnstile::app {

namespace {

/// The manager's end, at an abstract address of its own.
class listener {
public:
  listener() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    // The kernel finds a free name.
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof(sa_family_t)) == 0);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    name_ = "@" + std::string(&at.sun_path[1], size - offsetof(sockaddr_un, sun_path) - 1);
    timeval most{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  }
  ~listener() { ::close(fd_); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  std::string hear() {
    std::array<char, 512> text{};
    const auto n = ::recv(fd_, text.data(), text.size(), 0);
    return n < 0 ? "(nothing)" : std::string(text.data(), static_cast<std::size_t>(n));
  }
  /// The next that begins so.
  std::string hear(const std::string& begin) {
    std::string text = hear();
    while (!text.starts_with(begin) && text != "(nothing)") text = hear();
    return text;
  }

private:
  int fd_;
  std::string name_;
};

std::shared_ptr<figures::registry> running_worker() {
  auto figures = std::make_shared<figures::registry>(1, 1);
  figures->worker->phase.set(core::worker_phase::running);
  figures->producers.front()->phase.set(core::producer_phase::sending);
  return figures;
}

}  // namespace

TEST_CASE("a manager is told of readiness when the group is joined, and not before") {
  listener manager;
  const auto figures = running_worker();
  service_manager service{{manager.name(), std::chrono::microseconds{0}}, figures};
  CHECK(manager.hear() == "STATUS=running, 0 partitions, 0 records/s, lag 0 records");
  service.note(service_step::refused);  // Of a worker that is not ready: nothing.
  figures->group->membership.set(core::group_membership::joined);
  CHECK(manager.hear() == "READY=1");
}

TEST_CASE("a manager is told of a reload, of its end and of a stop") {
  listener manager;
  const auto figures = running_worker();
  figures->group->membership.set(core::group_membership::joined);
  service_manager service{{manager.name(), std::chrono::microseconds{0}}, figures};
  CHECK(manager.hear() == "READY=1");
  manager.hear("STATUS=");
  service.note(service_step::reloading);
  CHECK(manager.hear().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  service.note(service_step::refused);
  CHECK(manager.hear() == "READY=1");
  service.note(service_step::stopping);
  CHECK(manager.hear() == "STOPPING=1");
}

TEST_CASE(
    "a manager gets signs of life as often as it wants them, but none of a worker that hangs") {
  listener manager;
  const auto figures = running_worker();
  const std::chrono::microseconds often{30'000};
  {
    const service_manager service{{manager.name(), often}, figures};
    for (int i = 0; i < 3; ++i) CHECK(manager.hear("WATCHDOG=") == "WATCHDOG=1");
  }
  listener of_another;
  figures->group->life.seen_ms.set(1);  // Long ago.
  const service_manager service{{of_another.name(), often}, figures};
  CHECK(of_another.hear().starts_with("STATUS="));
  figures->group->membership.set(core::group_membership::joined);
  CHECK(of_another.hear() == "READY=1");
}

TEST_CASE(
    "who is to be told stands in the environment, and signs of life may be wanted of others") {
  ::unsetenv("NOTIFY_SOCKET");
  CHECK_FALSE(notify_socket::of_environment());
  ::setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
  CHECK_FALSE(notify_socket::of_environment());
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  CHECK(notify_socket::of_environment()->watchdog() == std::chrono::seconds{3});
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK(notify_socket::of_environment()->watchdog().count() == 0);
  for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
}

TEST_CASE("a manager that is gone, or an address that is too long, is no fault") {
  CHECK_FALSE(notify_socket{"/nowhere/at/all", {}}.tell("READY=1"));
  CHECK_FALSE(notify_socket{"@" + std::string(200, 'x'), {}}.tell("READY=1"));
}

TEST_CASE("a status line has phase, partitions, rate and lag") {
  const auto figures = running_worker();
  CHECK(service_status(*figures, figures::now(), 1234.5) ==
        "running, 0 partitions, 1235 records/s, lag 0 records");
  figures->worker->phase.set(core::worker_phase::waiting_for_brokers);
  CHECK(service_status(*figures, figures::now(), 0) == "waiting for brokers");
}

}  // namespace turnstile::app
