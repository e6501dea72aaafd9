#include "app/http/listening.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnstile::app {

namespace {

constexpr int backlog = 128;

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    std::array<unsigned char, 4> ip{};
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, ip.size());
    return ip[0] == 127;
  }
  return address.sa_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr) != 0;
}

}  // namespace

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
    return {.fault = std::strerror(errno), .taken = errno == EADDRINUSE};
  return {.socket = std::move(socket), .loopback = is_loopback(*found->ai_addr)};
}

std::string free_address(int port) {
  const std::string host = "127.0.0.1:";
  if (const auto usual = listen_at(host + std::to_string(port)); usual.fault.empty())
    return host + std::to_string(port);
  const auto other = listen_at(host + "0");
  sockaddr_in at{};
  socklen_t size = sizeof at;
  ::getsockname(other.socket.get(), reinterpret_cast<sockaddr*>(&at), &size);
  return host + std::to_string(ntohs(at.sin_port));
}

}  // namespace turnstile::app
