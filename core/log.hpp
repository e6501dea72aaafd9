// Structured log events, without saying where they go.
//
// Any thread may log. Until app/ installs a sink nothing is written. An event has a fixed name and
// fields; a field never holds a record's value, key or header (coordinates, reasons and figures
// do).
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/settings.hpp"

namespace turnstile::core {

/// `name=value`; numbers are formatted at once, text is quoted by the sink where it must be. An
/// optional that holds nothing is `none`.
struct log_field {
  std::string_view name;
  std::string value;
  bool is_number = false;
  bool is_none = false;

  log_field(std::string_view n, std::string_view v) : name(n), value(v) {}
  log_field(std::string_view n, const char* v) : name(n), value(v) {}
  log_field(std::string_view n, const std::string& v) : name(n), value(v) {}
  log_field(std::string_view n, std::integral auto v)
    : name(n), value(std::to_string(v)), is_number(true) {}
  log_field(std::string_view n, std::floating_point auto v)
    : name(n), value(three_decimals(static_cast<double>(v))), is_number(true) {}
  log_field(std::string_view n, std::nullopt_t) : name(n), value("none"), is_none(true) {}
  template <class Value>
  log_field(std::string_view n, const std::optional<Value>& v)
    : log_field(v ? log_field(n, *v) : log_field(n, std::nullopt)) {}

private:
  static std::string three_decimals(double v);
};

using log_fields = std::span<const log_field>;

class log_sink {
public:
  virtual ~log_sink() = default;
  /// Called on the logging thread. Must not throw and must not log.
  virtual void write(severity level, std::string_view event, log_fields fields) noexcept = 0;
};

/// Not owned; null takes it away. REQUIRES: no other thread logs meanwhile.
void install_log_sink(log_sink* sink);

void log_with(severity level, std::string_view event, log_fields fields);

inline void log(severity level, std::string_view event,
                std::initializer_list<log_field> fields = {}) {
  log_with(level, event, fields);
}

inline void log_info(std::string_view event, std::initializer_list<log_field> fields = {}) {
  log(severity::info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<log_field> fields = {}) {
  log(severity::warning, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<log_field> fields = {}) {
  log(severity::error, event, fields);
}

/// Lets one event through each `interval`; counts what it held back. One owner, one thread.
class log_limiter {
public:
  explicit log_limiter(std::chrono::steady_clock::duration interval) : interval_(interval) {}

  /// True where the event may be logged; `suppressed` then says how many were not since the last.
  bool admit(std::chrono::steady_clock::time_point now) {
    if (now < next_) {
      ++held_back_;
      return false;
    }
    next_ = now + interval_;
    suppressed = held_back_;
    held_back_ = 0;
    return true;
  }

  std::uint64_t suppressed = 0;

private:
  std::chrono::steady_clock::duration interval_;
  std::chrono::steady_clock::time_point next_{};
  std::uint64_t held_back_ = 0;
};

}  // namespace turnstile::core
