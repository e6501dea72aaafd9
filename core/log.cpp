#include "core/log.hpp"

#include <atomic>
#include <cstdio>

namespace turnstile::core {

namespace {
std::atomic<log_sink*> installed{nullptr};
}

std::string log_field::three_decimals(double v) {
  char text[320];  // The largest has 309 digits before the point.
  const int n = std::snprintf(text, sizeof text, "%.3f", v);
  return {text, static_cast<std::size_t>(n)};
}

void install_log_sink(log_sink* sink) { installed.store(sink, std::memory_order_release); }

void log_with(severity level, std::string_view event, log_fields fields) {
  if (auto* sink = installed.load(std::memory_order_acquire)) sink->write(level, event, fields);
}

}  // namespace turnstile::core
