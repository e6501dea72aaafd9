// The HTTP endpoint's reader of requests: bytes of whoever reaches the port.
#include "app/http/http_request.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "tests/fuzz/support.hpp"

using namespace turnstile;
using fuzz::must;

namespace {

bool decided(const app::parsed_request& parsed) { return parsed.request || parsed.refused; }

void look_at(const app::http_request& request, std::string_view bytes) {
  must(request.path.starts_with('/'), "a path begins at the root");
  for (const auto* part : {&request.path, &request.query, &request.host, &request.authorization})
    must(bytes.find(*part) != std::string_view::npos, "nothing is kept that was not sent");
  must(std::ranges::all_of(request.path, [](char c) { return c > ' ' && c < '\x7f'; }),
       "a path is printable");
  static_cast<void>(app::is_loopback_host(request.host));
}

void look_at(const app::http_response& refused) {
  constexpr std::array known{400, 405, 431};
  must(std::ranges::find(known, refused.status) != known.end(), "a refusal has a status of those");
  must(refused.body.size() < 100, "a refusal is short");
  const std::string wire = app::wire_text(refused, false);
  must(wire.starts_with("HTTP/1.1 " + std::to_string(refused.status) + " ") &&
           wire.ends_with("\r\n\r\n" + refused.body),
       "an answer is one of HTTP");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = app::parse_request(bytes);
  must(!(parsed.request && parsed.refused), "a request is taken or refused");
  must(decided(parsed) || size < app::request_bytes_max, "a request does not go on for ever");
  if (parsed.request) look_at(*parsed.request, bytes);
  if (parsed.refused) look_at(*parsed.refused);
  // However it comes in pieces, it is the same request.
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
    app::parsed_request found;
    for (std::size_t end = 0; !decided(found) && end < size;) {
      end = std::min(size, end + piece);
      found = app::parse_request(bytes.substr(0, end));
    }
    must(decided(found) == decided(parsed) &&
             found.request.has_value() == parsed.request.has_value(),
         "pieces make the same request");
    if (found.request && parsed.request)
      must(found.request->path == parsed.request->path &&
               found.request->authorization == parsed.request->authorization,
           "pieces make the same request");
  }
  return 0;
}
