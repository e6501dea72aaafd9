#include "app/http/http_request.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace turnstile::app {

namespace {

http_response refusal(int status, std::string text) {
  return {.status = status, .body = std::move(text) + "\n"};
}

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 10> all{
      {{200, "OK"},
       {400, "Bad Request"},
       {401, "Unauthorized"},
       {403, "Forbidden"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {408, "Request Timeout"},
       {431, "Request Header Fields Too Large"},
       {500, "Internal Server Error"},
       {503, "Service Unavailable"}}};
  const auto* found = std::ranges::find(all, status, &std::pair<int, std::string_view>::first);
  return found == all.end() ? "" : found->second;
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Up to the next line's end, which is taken off too.
std::string_view take_line(std::string_view& from) {
  const auto end = from.find("\r\n");
  const auto line = from.substr(0, end);
  from.remove_prefix(end + 2);
  return line;
}

/// `GET /path?query HTTP/1.1`
std::optional<http_response> read_request_line(std::string_view line, http_request& to,
                                               bool& host_wanted) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refusal(400, "no request line");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refusal(400, "not HTTP/1.1");
  if (!is_visible(target) || !target.starts_with('/')) return refusal(400, "no path");
  if (method != "GET" && method != "HEAD") return refusal(405, "only GET and HEAD");
  to.head_only = method == "HEAD";
  to.path = target.substr(0, target.find('?'));
  if (to.path.size() < target.size()) to.query = target.substr(to.path.size() + 1);
  host_wanted = version == "HTTP/1.1";
  return {};
}

std::optional<http_response> read_header(std::string_view line, http_request& to, int& hosts) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_visible(line.substr(0, colon)))
    return refusal(400, "no header");
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (same_word(name, "host")) {
    ++hosts;
    to.host = value;
  } else if (same_word(name, "authorization")) {
    to.authorization = value;
  } else if (same_word(name, "transfer-encoding") ||
             (same_word(name, "content-length") && value != "0")) {
    return refusal(400, "a request has no body here");
  }
  return {};
}

}  // namespace

parsed_request parse_request(std::string_view bytes) {
  const auto end = bytes.substr(0, request_bytes_max).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= request_bytes_max)
      return {.refused = refusal(431, "request line and headers are too long")};
    return {};
  }
  auto head = bytes.substr(0, end + 2);
  http_request request;
  bool host_wanted = false;
  int hosts = 0;
  if (auto refused = read_request_line(take_line(head), request, host_wanted))
    return {.refused = std::move(refused)};
  while (!head.empty())
    if (auto refused = read_header(take_line(head), request, hosts))
      return {.refused = std::move(refused)};
  if (hosts > 1 || (host_wanted && hosts == 0))
    return {.refused = refusal(400, "one Host, please")};
  return {.request = std::move(request)};
}

std::string wire_text(const http_response& response, bool head_only) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text.append(reason_of(response.status));
  text += "\r\nContent-Type: " + response.type +
          "\r\nContent-Length: " + std::to_string(response.body.size()) +
          "\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
          "\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: " +
          response.policy;
  if (response.status == 401) text += "\r\nWWW-Authenticate: Bearer";
  if (response.status == 405) text += "\r\nAllow: GET, HEAD";
  text += "\r\n\r\n";
  if (!head_only) text += response.body;
  return text;
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with("[")) {
    const auto end = host.find(']');
    return host.substr(0, end) == "[::1" && end != std::string_view::npos &&
           (host.size() == end + 1 || host[end + 1] == ':');
  }
  const auto name = host.substr(0, host.find(':'));
  const bool digits =
      std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
  return same_word(name, "localhost") || (name.starts_with("127.") && digits);
}

}  // namespace turnstile::app
