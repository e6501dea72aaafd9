// The bytes of one client: over its socket as they are, or by TLS.
//
// Owned by the server's loop, used on its thread alone. Never waits: where it cannot go on it says
// for what to poll. REQUIRES: SIGPIPE does not end the process on this thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/types.h>

#include "app/http/descriptor.hpp"
#include "app/http/tls_context.hpp"

namespace turnstile::app {

struct transfer {
  enum class state : std::uint8_t { moved, wants_read, wants_write, ended };
  state now = state::ended;
  std::size_t bytes = 0;  ///< That were moved.
};

class client_stream {
public:
  /// `tls` null: none. The handshake is part of the first `read`.
  client_stream(descriptor socket, const tls_context* tls);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] transfer read(std::span<char> to);
  [[nodiscard]] transfer write(std::string_view bytes);

  /// A client that speaks plain HTTP where TLS is wanted: from now on so does this.
  [[nodiscard]] bool falls_back_to_plain();

  /// Nothing more is written.
  void finish();
  /// After `finish`: throws away what still comes. False: the client has closed.
  [[nodiscard]] bool discard();

private:
  [[nodiscard]] transfer secured(int result);

  descriptor socket_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
  bool spoke_plain_ = false;
};

}  // namespace turnstile::app
