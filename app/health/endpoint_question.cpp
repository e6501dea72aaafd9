#include "app/health/endpoint_question.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "app/http/descriptor.hpp"
#include "app/http/http_server.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;
using ssl_context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using ssl_stream = std::unique_ptr<SSL, decltype(&SSL_free)>;

struct address {
  std::string host;  ///< Without brackets.
  std::string port;

  [[nodiscard]] std::string text() const {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
  }
};

address asked_at(const std::string& listens_at) {
  const auto colon = listens_at.rfind(':');
  address out{listens_at.substr(0, colon), listens_at.substr(colon + 1)};
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host == "0.0.0.0") out.host = "127.0.0.1";
  if (out.host == "::") out.host = "::1";
  return out;
}

struct connection {
  descriptor socket{-1};
  std::string fault;
};

connection connect_to(const address& to) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(to.host.c_str(), to.port.c_str(), &wanted, &found))
    return {.fault = ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{found, &::freeaddrinfo};
  descriptor socket{::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, found->ai_protocol)};
  const timeval patience{.tv_sec = question_time_max.count(), .tv_usec = 0};
  if (socket.get() < 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
      ::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0)
    return {.fault = errno == EINPROGRESS ? "does not answer" : std::strerror(errno)};
  return {.socket = std::move(socket)};
}

/// All that comes until the other side closes, the time is up, or it is too much.
template <typename Read>
std::string read_all(const Read& read) {
  const auto until = clock::now() + question_time_max;
  std::string all;
  std::array<char, 4096> piece{};
  while (all.size() < answer_bytes_max && clock::now() < until) {
    const auto got = read(piece.data(), piece.size());
    if (got <= 0) break;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
  return all;
}

std::string exchange_plain(int fd, std::string_view request) {
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  return read_all([fd](char* to, std::size_t size) { return ::recv(fd, to, size, 0); });
}

std::string exchange_secured(int fd, std::string_view request) {
  const ssl_context context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  if (!context) return {};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const ssl_stream stream{SSL_new(context.get()), &SSL_free};
  if (!stream) return {};
  SSL_set_fd(stream.get(), fd);
  if (SSL_connect(stream.get()) != 1 ||
      SSL_write(stream.get(), request.data(), static_cast<int>(request.size())) <= 0)
    return {};
  return read_all([&stream](char* to, std::size_t size) {
    return SSL_read(stream.get(), to, static_cast<int>(size));
  });
}

endpoint_answer parsed(std::string_view text) {
  constexpr std::string_view version = "HTTP/1.1 ";
  endpoint_answer out;
  const auto end = text.find("\r\n\r\n");
  if (!text.starts_with(version) || end == std::string_view::npos ||
      std::from_chars(text.data() + version.size(), text.data() + end, out.status).ec !=
          std::errc{}) {
    out.fault = text.empty() ? "does not answer" : "does not answer as a worker does";
    return out;
  }
  out.body = text.substr(end + 4);
  return out;
}

endpoint_answer ask(const address& at, const std::string& path, bool secured) {
  const auto connected = connect_to(at);
  if (!connected.fault.empty()) return {.fault = connected.fault};
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + at.text() + "\r\n\r\n";
  const int fd = connected.socket.get();
  return parsed(secured ? exchange_secured(fd, request) : exchange_plain(fd, request));
}

}  // namespace

endpoint_answer ask_endpoint(const std::string& listens_at, const std::string& path) {
  const auto at = asked_at(listens_at);
  auto answer = ask(at, path, false);
  if (answer.status == 400 && answer.body == speaks_tls) answer = ask(at, path, true);
  if (!answer.fault.empty()) answer.fault = at.text() + ": " + answer.fault;
  return answer;
}

}  // namespace turnstile::app
