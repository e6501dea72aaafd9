// One line that says how far the reading of topics is.
//
// Owned by a command, used on its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"

namespace turnstile::app {

class read_progress {
public:
  /// For what reads: a watcher of audit_session's form.
  template <typename Watcher>
  [[nodiscard]] Watcher watcher(stop_flag& stop) {
    return {.progress = [this](std::string_view phase, std::uint64_t records,
                               std::uint64_t of) { show(phase, records, of); },
            .stopped = [&stop] { return stop.is_set(); }};
  }
  void clear() { line_.clear(); }

private:
  void show(std::string_view phase, std::uint64_t records, std::uint64_t of);

  progress_line line_{stderr};
  std::string phase_;
  std::chrono::steady_clock::time_point begin_{};
};

}  // namespace turnstile::app
