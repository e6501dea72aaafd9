#include "kafka_io/client/client_log.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"
#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::size_t cause_bytes_max = 200;

// syslog(3) levels, as librdkafka gives them.
core::severity severity_of(int level) {
  constexpr int notice = 5;
  constexpr int info = 6;
  if (level <= notice) return core::severity::warning;
  return level == info ? core::severity::info : core::severity::debug;
}

// The line begins with the name of the librdkafka thread: `[thrd:main]: `.
std::string_view without_thread(std::string_view text) {
  if (!text.starts_with("[thrd:")) return text;
  const auto end = text.find("]: ");
  return end == std::string_view::npos ? text : text.substr(end + 3);
}

/// That we ask for it, and what follows from it, which is our way to end a refused request.
bool is_about_the_gapless_guarantee(std::string_view text) {
  return text.find("enable.gapless.guarantee") != std::string_view::npos ||
         text.find("Gap-less ordering") != std::string_view::npos ||
         text.find("gap-less guarantee") != std::string_view::npos;
}

void write(core::severity level, const rd_kafka_t* client, std::string_view facility,
           std::string_view text) {
  if (is_about_the_gapless_guarantee(text)) return;
  static cause_limiter limiter;
  const auto held_back = limiter.admit(cause_of(text), std::chrono::steady_clock::now());
  if (!held_back) return;
  // The handle's name is null while it is being made.
  const char* name = client == nullptr ? "" : rd_kafka_name(client);
  core::log(level, "librdkafka",
            {{"client", name},
             {"facility", facility},
             {"text", without_thread(text)},
             {"suppressed", *held_back}});
}

void write_line(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  note_client_line(client, facility, without_thread(text));
  write(severity_of(level), client, facility, text);
}

}  // namespace

std::string cause_of(std::string_view text) {
  text = without_thread(text);
  // `(after 12ms in state CONNECT, 3 identical error(s) suppressed)`
  text = text.substr(0, text.find(" (after "));
  std::string cause;
  while (!text.empty() && cause.size() < cause_bytes_max) {
    const auto word = text.substr(0, text.find(' '));
    const bool varies = std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
    cause.append(varies ? "#" : word).append(" ");
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return cause;
}

cause_limiter::told& cause_limiter::entry_of(const std::string& cause,
                                             std::chrono::steady_clock::time_point now) {
  if (const auto known = causes_.find(cause); known != causes_.end()) return known->second;
  if (causes_.size() >= causes_max)
    std::erase_if(causes_, [now](const auto& entry) { return entry.second.next <= now; });
  return causes_.size() < causes_max ? causes_[cause] : others_;
}

std::optional<std::uint64_t> cause_limiter::admit(const std::string& cause,
                                                  std::chrono::steady_clock::time_point now) {
  const std::scoped_lock lock{mutex_};
  auto& entry = entry_of(cause, now);
  if (now < entry.next) {
    ++entry.held_back;
    return {};
  }
  entry.next = now + interval;
  return std::exchange(entry.held_back, 0);
}

void forward_client_log(rd_kafka_conf_t* conf) { rd_kafka_conf_set_log_cb(conf, write_line); }

void log_client_error(const rd_kafka_t* client, std::string_view text) {
  write(core::severity::warning, client, "ERROR", text);
}

}  // namespace turnstile::kafka_io
