#include "app/http/http_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

constexpr int backlog = 128;
/// How long after the answer a client may go on to send: closed at once, what it has sent already
/// would take the answer away from it.
constexpr std::chrono::milliseconds linger_max{500};
/// Where the process has no descriptor left; else `poll` would say at once that somebody waits.
constexpr std::chrono::milliseconds accept_pause{100};

/// Closes what it holds.
class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

struct listening {
  descriptor socket{-1};
  std::string fault;
  bool loopback = false;
};

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    std::array<unsigned char, 4> ip{};
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, ip.size());
    return ip[0] == 127;
  }
  return address.sa_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr) != 0;
}

listening listen_at(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error =
          ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &wanted, &found))
    return {.fault = ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{found, &::freeaddrinfo};
  descriptor socket{
      ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, found->ai_protocol)};
  const int on = 1;
  // So that a port whose last connections just ended is not taken for taken.
  if (socket.get() < 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.get(), backlog) != 0)
    return {.fault = std::strerror(errno)};
  return {.socket = std::move(socket), .loopback = is_loopback(*found->ai_addr)};
}

/// One client. `out` empty: its request is not whole yet.
struct connection {
  descriptor socket;
  clock::time_point deadline;
  std::string in;
  std::string out;
  std::size_t sent = 0;
  bool done = false;  ///< Answered: what else it sends is thrown away until it closes.
};

}  // namespace

class http_server::loop {
public:
  loop(listening at, answer answer)
    : at_(std::move(at)), answer_(std::move(answer)), thread_([this] { serve(); }) {}
  ~loop() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof one));
    thread_.join();
  }
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

private:
  void serve() {
    std::vector<pollfd> polled;
    while (true) {
      const bool accepts = clock::now() >= accepts_from_;
      polled.assign({{stop_.get(), POLLIN, 0},
                     {at_.socket.get(), static_cast<short>(accepts ? POLLIN : 0), 0}});
      for (const auto& client : clients_)
        polled.push_back(
            {client.socket.get(), static_cast<short>(writing(client) ? POLLOUT : POLLIN), 0});
      static_cast<void>(::poll(polled.data(), polled.size(), until_deadline()));
      if (polled[0].revents != 0) return;
      std::size_t i = 2;
      for (auto client = clients_.begin(); client != clients_.end(); ++i) {
        const bool ready = polled[i].revents != 0;
        const bool ended = clock::now() >= client->deadline || (ready && !go_on(*client));
        client = ended ? clients_.erase(client) : std::next(client);
      }
      if (polled[1].revents != 0) accept_all();
    }
  }

  [[nodiscard]] int until_deadline() const {
    auto next = clock::now() + time_max;
    if (accepts_from_ > clock::now()) next = accepts_from_;
    for (const auto& client : clients_) next = std::min(next, client.deadline);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(0, wait));
  }

  static bool writing(const connection& client) { return !client.out.empty() && !client.done; }

  void accept_all() {
    // A turn's worth, so that those who are there have theirs.
    for (std::size_t n = 0; n < connections_max; ++n) {
      descriptor socket{
          ::accept4(at_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (socket.get() < 0) {
        if (errno != EAGAIN && errno != ECONNABORTED) accepts_from_ = clock::now() + accept_pause;
        return;
      }
      // Who has waited longest is slow: a client that means it sends its request at once.
      if (clients_.size() == connections_max) clients_.pop_front();
      clients_.push_back({std::move(socket), clock::now() + time_max, {}, {}, 0, false});
    }
  }

  /// False: the connection has ended.
  bool go_on(connection& client) {
    if (writing(client)) return write(client);
    std::array<char, request_bytes_max> piece{};
    const auto n = ::recv(client.socket.get(), piece.data(), piece.size(), 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    if (client.done) return true;
    client.in.append(piece.data(), static_cast<std::size_t>(n));
    const auto parsed = parse_request(client.in);
    if (!parsed.request && !parsed.refused) return true;
    const bool head_only = parsed.request && parsed.request->head_only;
    client.out = wire_text(parsed.request ? answered(*parsed.request) : *parsed.refused, head_only);
    return write(client);
  }

  /// False: nobody takes it.
  static bool write(connection& client) {
    while (client.sent < client.out.size()) {
      const auto n = ::send(client.socket.get(), client.out.data() + client.sent,
                            client.out.size() - client.sent, MSG_NOSIGNAL);
      if (n < 0) return errno == EAGAIN || errno == EINTR;
      client.sent += static_cast<std::size_t>(n);
    }
    ::shutdown(client.socket.get(), SHUT_WR);
    client.done = true;
    client.deadline = std::min(client.deadline, clock::now() + linger_max);
    return true;
  }

  http_response answered(const http_request& request) {
    if (at_.loopback && !request.host.empty() && !is_loopback_host(request.host))
      return {.status = 403, .body = "this host is not served here\n"};
    try {
      return answer_(request);
    } catch (const std::exception&) {
      return {.status = 500, .body = "internal error\n"};
    }
  }

  listening at_;
  answer answer_;
  descriptor stop_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::list<connection> clients_;  ///< The oldest first.
  clock::time_point accepts_from_{};
  std::thread thread_;  ///< Last: it uses the others.
};

std::variant<std::unique_ptr<http_server>, std::string> http_server::open(
    const std::string& address, answer answer) {
  auto at = listen_at(address);
  if (!at.fault.empty()) return "cannot listen at " + address + ": " + at.fault;
  return std::unique_ptr<http_server>{
      new http_server{std::make_unique<loop>(std::move(at), std::move(answer))}};
}

http_server::http_server(std::unique_ptr<loop> serving) : loop_(std::move(serving)) {}
http_server::~http_server() = default;

}  // namespace turnstile::app
