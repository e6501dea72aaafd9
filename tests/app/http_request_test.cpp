#include "app/http/http_request.hpp"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::app {

namespace {

int refused(const std::string& bytes) {
  const auto parsed = parse_request(bytes);
  return parsed.refused ? parsed.refused->status : 0;
}

}  // namespace

TEST_CASE("a request has a path, a query and the headers that count") {
  const auto parsed = parse_request(
      "HEAD /readyz?verbose&a=b HTTP/1.1\r\nhOST: localhost:9464\r\nAccept: */*\r\n"
      "Authorization:  Bearer x \r\n\r\n");
  REQUIRE(parsed.request);
  CHECK(parsed.request->head_only);
  CHECK(parsed.request->path == "/readyz");
  CHECK(parsed.request->query == "verbose&a=b");
  CHECK(parsed.request->host == "localhost:9464");
  CHECK(parsed.request->authorization == "Bearer x");
}

TEST_CASE("until the empty line more is needed, up to the bound") {
  const std::string whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto parsed = parse_request(whole.substr(0, n));
    CHECK_FALSE(parsed.request);
    CHECK_FALSE(parsed.refused);
  }
  CHECK(parse_request(whole).request);
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string most = begin + std::string(request_bytes_max - begin.size() - 4, 'x');
  CHECK(parse_request(most + "\r\n\r\n").request);
  CHECK(refused(most + "x\r\n\r\n") == 431);
  CHECK(refused(std::string(request_bytes_max, 'x')) == 431);
}

TEST_CASE("what is no such request is refused with a status that says so") {
  const std::string end = " HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"})
    CHECK(refused(method + std::string{" /metrics"} + end) == 405);
  for (const auto& line : std::vector<std::string>{
           "GET http://localhost/metrics" + end, "GET *" + end, "GET" + end, "GET /a b" + end,
           "GET /\xc3\xa4" + end, std::string{"GET /\0a", 7} + end,
           "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", "\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
           "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    CAPTURE(line);
    CHECK(refused(line) == 400);
  }
  CHECK(parse_request("GET / HTTP/1.0\r\n\r\n").request);
}

TEST_CASE("of pipelined requests the first counts") {
  const std::string one = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(parse_request(one + "GET /metrics HTTP/1.1\r\n\r\n").request->path == "/livez");
}

TEST_CASE("an answer to HEAD has the length of the body and no body") {
  const http_response response{.status = 405, .body = "text\n"};
  const auto get = wire_text(response, false);
  CHECK(get.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(get.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
  CHECK(get.ends_with("\r\n\r\ntext\n"));
  CHECK(wire_text(response, true) == get.substr(0, get.size() - 5));
}

TEST_CASE("hosts of this machine are told from names that only lead to it") {
  for (const auto* host :
       {"localhost", "LocalHost:9464", "127.0.0.1", "127.1.2.3:80", "[::1]:9464", "[::1]"})
    CHECK(is_loopback_host(host));
  for (const auto* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "10.0.0.1", "[::2]", "[::1", "[::1]x", "evil:127.0.0.1"})
    CHECK_FALSE(is_loopback_host(host));
}

TEST_CASE("whatever the bytes, there is a request, a refusal or more is needed") {
  std::mt19937 random{1};
  const std::string base = "GET /metrics?verbose HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\r\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = base;
    for (auto n = random() % 6; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    const auto parsed = parse_request(bytes);
    CHECK_FALSE((parsed.request && parsed.refused));
  }
}

}  // namespace turnstile::app
