#include "kafka_io/client_log.hpp"

#include <string_view>
#include <utility>

#include "core/log.hpp"

namespace turnstile::kafka_io {

namespace {

// syslog(3) levels, as librdkafka gives them.
core::severity severity_of(int level) {
  constexpr int error = 3;
  constexpr int notice = 5;
  constexpr int info = 6;
  if (level <= error) return core::severity::error;
  if (level <= notice) return core::severity::warning;
  return level == info ? core::severity::info : core::severity::debug;
}

// The line begins with the name of the librdkafka thread: `[thrd:main]: `.
std::string_view without_thread(std::string_view text) {
  if (!text.starts_with("[thrd:")) return text;
  const auto end = text.find("]: ");
  return end == std::string_view::npos ? text : text.substr(end + 3);
}

void write_line(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  static line_limiter limiter;
  const auto held_back = limiter.admit(std::chrono::steady_clock::now());
  if (!held_back) return;
  // The handle's name is null while it is being made.
  const char* name = client == nullptr ? "" : rd_kafka_name(client);
  if (*held_back == 0) {
    core::log(severity_of(level), "librdkafka",
              {{"client", name}, {"facility", facility}, {"text", without_thread(text)}});
    return;
  }
  core::log(severity_of(level), "librdkafka",
            {{"client", name},
             {"facility", facility},
             {"text", without_thread(text)},
             {"suppressed", *held_back}});
}

}  // namespace

std::optional<std::uint64_t> line_limiter::admit(std::chrono::steady_clock::time_point now) {
  const std::scoped_lock lock{mutex_};
  if (now >= window_end_) {
    window_end_ = now + std::chrono::seconds{1};
    admitted_ = 0;
  }
  if (admitted_ == client_log_lines_per_second_max) {
    ++held_back_;
    return {};
  }
  ++admitted_;
  return std::exchange(held_back_, 0);
}

void forward_client_log(rd_kafka_conf_t* conf) { rd_kafka_conf_set_log_cb(conf, write_line); }

}  // namespace turnstile::kafka_io
