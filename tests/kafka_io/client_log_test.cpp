#include "kafka_io/client/client_log.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/log.hpp"

namespace turnstile::kafka_io {
namespace {

class kept_lines final : public core::log_sink {
public:
  struct line {
    core::severity level;
    std::string event;
    std::string facility;
    std::string text;
  };

  kept_lines() { core::install_log_sink(this); }
  ~kept_lines() override { core::install_log_sink(nullptr); }

  void write(core::severity level, std::string_view event,
             core::log_fields fields) noexcept override {
    const std::scoped_lock lock{mutex_};
    line kept{level, std::string{event}, {}, {}};
    for (const auto& field : fields) {
      if (field.name == "facility") kept.facility = field.value;
      if (field.name == "text") kept.text = field.value;
    }
    lines_.push_back(kept);
  }

  std::vector<line> lines() {
    const std::scoped_lock lock{mutex_};
    return lines_;
  }

private:
  std::mutex mutex_;
  std::vector<line> lines_;
};

TEST_CASE("librdkafka's lines come with facility and level, without its thread's name") {
  kept_lines sink;
  // The limiter is one for the process, and other tests may have had this minute's line of a cause
  // that they could have too.
  log_client_error(nullptr, "[thrd:main]: a cause that no other test has");
  const auto lines = sink.lines();
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0].event == "librdkafka");
  CHECK(lines[0].facility == "ERROR");
  CHECK(lines[0].text == "a cause that no other test has");
  CHECK(lines[0].level == core::severity::warning);
}

TEST_CASE("what differs each time is no cause of its own") {
  const auto refused = cause_of(
      "[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: "
      "Connection "
      "refused (after 0ms in state CONNECT)");
  CHECK(cause_of("127.0.0.2:9093/2: Connect to ipv4#127.0.0.2:9093 failed: Connection refused "
                 "(after 12ms in state CONNECT, 3 identical error(s) suppressed)") == refused);
  CHECK(cause_of("127.0.0.2:9093/2: Disconnected (after 12ms in state UP)") != refused);
  CHECK(cause_of("") == cause_of("[thrd:main]: "));
  CHECK(cause_of(std::string(100'000, 'x') + " " + std::string(100'000, 'y')).size() < 100'100);
}

TEST_CASE("a cause is told at once, and after a minute with how many lines were held back") {
  cause_limiter limiter;
  const std::chrono::steady_clock::time_point start{std::chrono::hours{1}};
  CHECK(limiter.admit("a", start) == 0);
  CHECK(limiter.admit("b", start) == 0);
  for (int i = 0; i < 25; ++i)
    CHECK_FALSE(limiter.admit("a", start + cause_limiter::interval - std::chrono::milliseconds{1}));
  CHECK(limiter.admit("a", start + cause_limiter::interval) == 25);
  CHECK_FALSE(limiter.admit("a", start + cause_limiter::interval));
}

TEST_CASE("beyond 64 causes the further ones are one, until the others are a minute old") {
  cause_limiter limiter;
  const std::chrono::steady_clock::time_point start{std::chrono::hours{1}};
  for (std::size_t i = 0; i < cause_limiter::causes_max; ++i)
    CHECK(limiter.admit(std::to_string(i), start) == 0);
  CHECK(limiter.admit("one more", start) == 0);
  CHECK_FALSE(limiter.admit("another", start));
  CHECK_FALSE(limiter.admit("0", start));
  CHECK(limiter.admit("another", start + cause_limiter::interval) == 0);
}

}  // namespace
}  // namespace turnstile::kafka_io
