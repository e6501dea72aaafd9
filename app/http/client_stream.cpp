#include "app/http/client_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace turnstile::app {

namespace {

using state = transfer::state;

transfer plain(ssize_t result, state wanted) {
  if (result > 0) return {state::moved, static_cast<std::size_t>(result)};
  const bool waits = result < 0 && (errno == EAGAIN || errno == EINTR);
  return {waits ? wanted : state::ended};
}

int as_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

client_stream::client_stream(descriptor socket, const tls_context* tls)
  : socket_(std::move(socket)), tls_(nullptr, &SSL_free) {
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls->get()));
  SSL_set_fd(tls_.get(), fd());
  SSL_set_accept_state(tls_.get());
}

transfer client_stream::read(std::span<char> to) {
  if (!tls_) return plain(::recv(fd(), to.data(), to.size(), 0), state::wants_read);
  ERR_clear_error();
  return secured(SSL_read(tls_.get(), to.data(), as_int(to.size())));
}

transfer client_stream::write(std::string_view bytes) {
  if (!tls_)
    return plain(::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), state::wants_write);
  ERR_clear_error();
  return secured(SSL_write(tls_.get(), bytes.data(), as_int(bytes.size())));
}

transfer client_stream::secured(int result) {
  if (result > 0) return {state::moved, static_cast<std::size_t>(result)};
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {state::wants_read};
    case SSL_ERROR_WANT_WRITE:
      return {state::wants_write};
    default:
      spoke_plain_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
      return {state::ended};
  }
}

bool client_stream::falls_back_to_plain() {
  if (spoke_plain_) tls_.reset();
  return std::exchange(spoke_plain_, false);
}

void client_stream::finish() {
  if (tls_) {
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(tls_.get()));  // Says so; waits for no answer.
  }
  ::shutdown(fd(), SHUT_WR);
}

bool client_stream::discard() {
  std::array<char, 4096> piece;
  return plain(::recv(fd(), piece.data(), piece.size(), 0), state::wants_read).now != state::ended;
}

}  // namespace turnstile::app
