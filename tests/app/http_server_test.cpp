#include "app/http/http_server.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/http/endpoints.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

/// Of a socket that is gone again.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(fd);
  return ntohs(at.sin_port);
}

class client {
public:
  explicit client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto to = loopback(port);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  ~client() { ::close(fd_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  client& say(const std::string& text) {
    static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL));
    return *this;
  }
  /// All that comes until the server closes.
  std::string hear() {
    std::string all;
    char piece[4096];
    for (ssize_t n = 0; (n = ::recv(fd_, piece, sizeof piece, 0)) > 0;)
      all.append(piece, static_cast<std::size_t>(n));
    return all;
  }

private:
  int fd_;
};

struct fixture {
  std::uint16_t port = free_port();
  std::unique_ptr<http_server> server;

  fixture() {
    auto opened = http_server::open(
        address(), {.answer = [](const http_request& request) -> http_response {
          if (request.path == "/throws") throw std::runtime_error("secret");
          return {.body = request.path == "/large" ? std::string(5'000'000, 'x') : request.path};
        }});
    server = std::move(std::get<std::unique_ptr<http_server>>(opened));
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] std::string get(const std::string& path, const std::string& host = "localhost") {
    return client{port}.say("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").hear();
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a request is answered and its connection closed") {
  CHECK(get("/a").ends_with("\r\n\r\n/a"));
  CHECK(get("/large").size() > 5'000'000);
}

TEST_CASE_FIXTURE(fixture, "a request may come in pieces, and more than one in one piece") {
  client slow{port};
  for (const char c : std::string{"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"}) slow.say({c});
  CHECK(slow.hear().ends_with("\r\n\r\n/a"));
  const std::string one = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
  CHECK(client{port}.say(one + one + one).hear().ends_with("\r\n\r\n/a"));
}

TEST_CASE_FIXTURE(fixture, "a client that sends more than a request may have gets its answer") {
  client loud{port};
  loud.say(std::string(100'000, 'x'));
  CHECK(loud.hear().starts_with("HTTP/1.1 431 "));
}

TEST_CASE_FIXTURE(fixture, "on loopback a host that only leads here is not served") {
  CHECK(get("/a", "evil.example").starts_with("HTTP/1.1 403 "));
}

TEST_CASE_FIXTURE(fixture, "an exception of an answer is an internal error without its text") {
  const auto text = get("/throws");
  CHECK(text.starts_with("HTTP/1.1 500 "));
  CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "clients that are slow make room for those that are not") {
  std::vector<std::unique_ptr<client>> slow;
  for (std::size_t i = 0; i < 3 * http_server::connections_max; ++i) {
    slow.push_back(std::make_unique<client>(port));
    slow.back()->say("GET /slow HT");
  }
  const auto begin = clock::now();
  CHECK(get("/a").ends_with("\r\n\r\n/a"));
  CHECK(clock::now() - begin < std::chrono::seconds{2});
  // The first has been put out, long before its time.
  CHECK(slow.front()->hear().empty());
  CHECK(clock::now() - begin < std::chrono::seconds{2});
}

TEST_CASE_FIXTURE(fixture, "who does not send its request in time is put out") {
  client silent{port};
  silent.say("GET /");
  const auto begin = clock::now();
  CHECK(silent.hear().empty());
  const auto took = clock::now() - begin;
  CHECK(took > http_server::time_max - std::chrono::seconds{1});
  CHECK(took < http_server::time_max + std::chrono::seconds{3});
}

TEST_CASE_FIXTURE(fixture, "a port that is taken is refused with its address, and is free later") {
  const auto second = http_server::open(address(), {});
  REQUIRE(std::holds_alternative<std::string>(second));
  CHECK(std::get<std::string>(second) ==
        "cannot listen at " + address() + ": Address already in use");
  static_cast<void>(get("/a"));
  server.reset();
  CHECK_FALSE(std::holds_alternative<std::string>(http_server::open(
      address(), {.answer = [](const http_request&) { return http_response{}; }})));
}

TEST_CASE("a token is wanted for all but the health checks, and only the whole of it will do") {
  const auto figures = std::make_shared<figures::registry>(1, 1);
  const endpoints served{{.figures = figures, .token = "secret", .stopping = [] { return false; }}};
  const auto status = [&](const std::string& path, const std::string& authorization) {
    return served.answer({.path = path, .authorization = authorization}).status;
  };
  CHECK(status("/metrics", "Bearer secret") == 200);
  for (const auto* wrong :
       {"", "Bearer", "Bearer secre", "Bearer secrets", "secret", "Basic secret"})
    CHECK(status("/metrics", wrong) == 401);
  CHECK(status("/status", "") == 401);
  CHECK(status("/livez", "") == 200);
  CHECK(status("/readyz", "") == 503);
  CHECK(status("/../metrics", "Bearer secret") == 404);
}

TEST_CASE("who is asked to stop is not ready any more, and says why") {
  const auto figures = std::make_shared<figures::registry>(1, 1);
  figures->worker->phase.set(core::worker_phase::running);
  figures->group->membership.set(core::group_membership::joined);
  figures->producers[0]->phase.set(core::producer_phase::sending);
  bool stops = false;
  const endpoints served{{.figures = figures, .token = "", .stopping = [&] { return stops; }}};
  CHECK(served.answer({.path = "/readyz"}).body == "ok\n");
  stops = true;
  const auto told = served.answer({.path = "/readyz", .query = "a=b&verbose"});
  CHECK(told.status == 503);
  CHECK(told.body ==
        "ok worker: running\nok group: joined, 0 partitions\nok producer 0: sending\n"
        "not stop: asked to stop\n");
}

}  // namespace turnstile::app
