#include "app/http/http_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <list>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/http/client_stream.hpp"
#include "app/http/listening.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

/// How long after the answer a client may go on to send: closed at once, what it has sent already
/// would take the answer away from it.
constexpr std::chrono::milliseconds linger_max{500};
/// Where the process has no descriptor left; else `poll` would say at once that somebody waits.
constexpr std::chrono::milliseconds accept_pause{100};

/// One client. `out` empty: its request is not whole yet.
struct connection {
  client_stream stream;
  clock::time_point deadline;
  short waits_for = POLLIN;
  std::string in = {};
  std::string out = {};
  std::size_t sent = 0;
  bool done = false;  ///< Answered: what else it sends is thrown away until it closes.

  /// Until its socket is ready again. False: it never is.
  bool wait(transfer::state now) {
    waits_for = now == transfer::state::wants_write ? POLLOUT : POLLIN;
    return now != transfer::state::ended;
  }
};

}  // namespace

class http_server::loop {
public:
  loop(listening at, service serves)
    : at_(std::move(at)), serves_(std::move(serves)), thread_([this] { serve(); }) {}
  ~loop() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof one));
    thread_.join();
  }
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

private:
  void serve() {
    // A client that has gone is an error of `write`, which TLS does without MSG_NOSIGNAL.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    std::vector<pollfd> polled;
    while (true) {
      const bool accepts = clock::now() >= accepts_from_;
      polled.assign({{stop_.get(), POLLIN, 0},
                     {at_.socket.get(), static_cast<short>(accepts ? POLLIN : 0), 0}});
      for (const auto& client : clients_)
        polled.push_back({client.stream.fd(), client.waits_for, 0});
      static_cast<void>(::poll(polled.data(), polled.size(), until_deadline()));
      if (polled[0].revents != 0) return;
      call_at_intervals();
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
    if (serves_.at_intervals) next = std::min(next, calls_at_);
    for (const auto& client : clients_) next = std::min(next, client.deadline);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(0, wait));
  }

  void call_at_intervals() {
    if (!serves_.at_intervals || clock::now() < calls_at_) return;
    calls_at_ = clock::now() + serves_.interval;
    serves_.at_intervals();
  }

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
      clients_.push_back(
          {client_stream{std::move(socket), serves_.tls.get()}, clock::now() + time_max});
    }
  }

  /// False: the connection has ended.
  bool go_on(connection& client) {
    if (client.done) return client.stream.discard();
    return client.out.empty() ? read(client) : write(client);
  }

  bool read(connection& client) {
    std::array<char, request_bytes_max> piece{};
    while (client.out.empty()) {
      const auto got = client.stream.read(piece);
      if (got.now == transfer::state::moved) {
        client.in.append(piece.data(), got.bytes);
        client.out = answer_to(client.in);
      } else if (client.stream.falls_back_to_plain()) {
        client.out = wire_text({.status = 400, .body = std::string{speaks_tls}}, false);
      } else {
        return client.wait(got.now);
      }
    }
    return write(client);
  }

  /// False: nobody takes it.
  static bool write(connection& client) {
    while (client.sent < client.out.size()) {
      const auto put = client.stream.write(std::string_view{client.out}.substr(client.sent));
      if (put.now != transfer::state::moved) return client.wait(put.now);
      client.sent += put.bytes;
    }
    client.stream.finish();
    client.done = true;
    client.waits_for = POLLIN;
    client.deadline = std::min(client.deadline, clock::now() + linger_max);
    return true;
  }

  /// Empty: more of it must come.
  std::string answer_to(std::string_view bytes) {
    const auto parsed = parse_request(bytes);
    if (parsed.refused) return wire_text(*parsed.refused, false);
    if (!parsed.request) return {};
    return wire_text(answered(*parsed.request), parsed.request->head_only);
  }

  http_response answered(const http_request& request) {
    if (at_.loopback && !request.host.empty() && !is_loopback_host(request.host))
      return {.status = 403, .body = "this host is not served here\n"};
    try {
      return serves_.answer(request);
    } catch (const std::exception&) {
      return {.status = 500, .body = "internal error\n"};
    }
  }

  listening at_;
  service serves_;
  descriptor stop_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::list<connection> clients_;  ///< The oldest first.
  clock::time_point accepts_from_{};
  clock::time_point calls_at_ = clock::now();
  std::thread thread_;  ///< Last: it uses the others.
};

std::variant<std::unique_ptr<http_server>, std::string> http_server::open(
    const std::string& address, service serves) {
  auto at = listen_at(address);
  if (!at.fault.empty()) return "cannot listen at " + address + ": " + at.fault;
  return std::unique_ptr<http_server>{
      new http_server{std::make_unique<loop>(std::move(at), std::move(serves))}};
}

http_server::http_server(std::unique_ptr<loop> serving) : loop_(std::move(serving)) {}
http_server::~http_server() = default;

}  // namespace turnstile::app
