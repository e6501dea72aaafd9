// Decides whether and when a worker restarts in place to take a new configuration.
//
//   idle ──(asked, or a file changed)──▶ checking ──(no fault)──▶ draining ──▶ a new program
//     ◀──────────────(fault)────────────────┘                        │
//   each ──(stop)──▶ stopping ◀──────────────────────────────────────┘
//
// Owned by the command that runs a worker; a thread of its own checks and looks at the files.
// THREAD: `ask` and `stop` on any; the others on the owner's. GUARANTEES: a fault changes nothing
// of the running worker; a stop wins over a restart that has not begun to execute.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/figures.hpp"

namespace turnstile::app {

enum class reload_phase : std::uint8_t {
  idle,
  checking,  ///< Whether the program would start with what the files hold now.
  draining,  ///< It would: the worker finishes, commits and leaves.
  stopping,  ///< The worker ends, and nothing starts in its place.
};

/// All are called on the reloader's thread.
struct reloader_args {
  std::function<std::vector<std::string>()> faults;  ///< Why the program would not start.
  std::function<void()> drain;                       ///< Has the worker end; returns at once.
  std::function<void(reload_phase)> told;            ///< The phase that was entered; may be null.
  std::vector<std::string> files;                    ///< Whose change reloads.
  std::function<std::vector<std::string>(const std::vector<std::string>&)> states_of;
  std::chrono::milliseconds watch{0};  ///< Between two looks at them; 0: none.
  std::shared_ptr<core::worker_figures> figures;
};

class reloader {
public:
  explicit reloader(reloader_args args);
  ~reloader() = default;
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;

  /// While one is checked: once more behind it. While the worker drains: nothing, since the program
  /// that starts then reads everything.
  void ask(const std::string& cause);
  void stop();

  /// What is to become of the worker's end.
  [[nodiscard]] bool restarts() const;

private:
  void serve(const std::stop_token& end);
  [[nodiscard]] std::optional<std::string> next_cause(const std::stop_token& end);
  [[nodiscard]] std::string changed_files();
  void reload(const std::string& cause);
  /// False: a stop came first.
  bool enter(reload_phase phase);

  reloader_args args_;
  std::vector<std::string> tried_;  ///< The files' states at the start, or at the last check.
  std::vector<std::string> seen_;   ///< At the last look.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  reload_phase phase_ = reload_phase::idle;
  std::string asked_;    ///< Why; empty: nobody has.
  std::jthread thread_;  ///< Last: it uses the others.
};

}  // namespace turnstile::app
