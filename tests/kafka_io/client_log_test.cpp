#include "kafka_io/client_log.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/log.hpp"
#include "kafka_io/admin.hpp"
#include "test_settings.hpp"

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
             std::initializer_list<core::log_field> fields) noexcept override {
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
  // The limiter is one for the process: other tests may have used up this second.
  for (int attempt = 0; attempt < 20 && sink.lines().empty(); ++attempt) {
    const auto client = admin::open(testing::test_settings("127.0.0.1:1"));
    REQUIRE(client);
    CHECK(client->wait_for_broker(std::chrono::milliseconds{300}));
  }
  const auto lines = sink.lines();
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0].event == "librdkafka");
  CHECK(lines[0].facility == "FAIL");
  CHECK(lines[0].level == core::severity::error);
  CHECK(lines[0].text.find("[thrd:") == std::string::npos);
}

TEST_CASE("a storm of lines is held to ten a second, and the next says how many were not") {
  line_limiter limiter;
  const std::chrono::steady_clock::time_point start{std::chrono::hours{1}};
  for (int i = 0; i < client_log_lines_per_second_max; ++i) CHECK(limiter.admit(start) == 0);
  for (int i = 0; i < 25; ++i) CHECK_FALSE(limiter.admit(start + std::chrono::milliseconds{999}));
  CHECK(limiter.admit(start + std::chrono::seconds{1}) == 25);
  CHECK(limiter.admit(start + std::chrono::seconds{1}) == 0);
}

}  // namespace
}  // namespace turnstile::kafka_io
