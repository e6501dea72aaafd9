// One HTTP request as it comes, and the answer to it: the little of HTTP/1.1 that the endpoint is.
//
// Pure functions on bytes of strangers. GUARANTEES: nothing is kept that is not in the request;
// whatever the bytes, the answer is a request, a status, or that more is needed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace turnstile::app {

/// Of the request line and all headers.
inline constexpr std::size_t request_bytes_max = 8192;

struct http_request {
  bool head_only = false;  ///< HEAD.
  std::string path;
  std::string query;  ///< Without its `?`.
  std::string host;   ///< As the header has it; empty: HTTP/1.0 without one.
  std::string authorization;
};

struct http_response {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  /// Content-Security-Policy: what a browser may load for it.
  std::string policy = "default-src 'none'; frame-ancestors 'none'";
};

struct parsed_request {
  std::optional<http_request> request;
  std::optional<http_response> refused;  ///< Neither: more bytes are needed.
};

[[nodiscard]] parsed_request parse_request(std::string_view bytes);

/// As it goes over the wire; the connection ends with it.
[[nodiscard]] std::string wire_text(const http_response& response, bool head_only);

/// `localhost`, 127.0.0.0/8 or ::1, with a port or without: what a browser on this machine that
/// means this endpoint sends. A page of a stranger whose name leads here sends another.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace turnstile::app
