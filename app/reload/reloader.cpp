#include "app/reload/reloader.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace turnstile::app {

namespace {

/// Who changes several files, or one in several writes, is not yet done at the first of them.
constexpr std::chrono::milliseconds settle{1000};

}  // namespace

reloader::reloader(reloader_args args)
  : args_(std::move(args)),
    tried_(args_.states_of(args_.files)),
    seen_(tried_),
    thread_([this](const std::stop_token& end) { serve(end); }) {}

void reloader::ask(const std::string& cause) {
  const std::lock_guard lock{mutex_};
  asked_ = cause;
  changed_.notify_all();
}

void reloader::stop() {
  const std::lock_guard lock{mutex_};
  phase_ = reload_phase::stopping;
}

bool reloader::restarts() const {
  const std::lock_guard lock{mutex_};
  return phase_ == reload_phase::draining;
}

bool reloader::enter(reload_phase phase) {
  {
    const std::lock_guard lock{mutex_};
    if (phase_ == reload_phase::stopping) return false;
    phase_ = phase;
  }
  if (args_.told) args_.told(phase);
  return true;
}

void reloader::serve(const std::stop_token& end) {
  while (!restarts()) {
    const auto cause = next_cause(end);
    if (!cause) return;
    if (!cause->empty()) reload(*cause);
  }
}

/// Empty: a look at the files, and nothing to do. Nothing: the end.
std::optional<std::string> reloader::next_cause(const std::stop_token& end) {
  const bool settling = seen_ != tried_;
  {
    std::unique_lock lock{mutex_};
    const auto asked = [this] { return !asked_.empty(); };
    if (args_.watch.count() == 0)
      changed_.wait(lock, end, asked);
    else
      changed_.wait_for(lock, end, settling ? std::min(settle, args_.watch) : args_.watch, asked);
    if (end.stop_requested()) return {};
    if (asked()) return std::exchange(asked_, {});
  }
  return changed_files();
}

/// Those that differ from what was tried, once two looks agree on them.
std::string reloader::changed_files() {
  const auto before = std::exchange(seen_, args_.states_of(args_.files));
  std::string names;
  if (seen_ == tried_ || seen_ != before) return names;
  for (std::size_t i = 0; i < args_.files.size(); ++i)
    if (seen_[i] != tried_[i]) names += (names.empty() ? "changed: " : ", ") + args_.files[i];
  return names;
}

void reloader::reload(const std::string& cause) {
  if (!enter(reload_phase::checking)) return;
  tried_ = seen_ = args_.states_of(args_.files);
  const auto faults = args_.faults();
  if (faults.empty()) {
    if (!enter(reload_phase::draining)) return;
    core::log_info("reload begins, the worker restarts in place", {{"cause", cause}});
    return args_.drain();
  }
  // Before it is said, so that a reader of both finds them agreeing.
  args_.figures->reloads_refused.add(1);
  for (const auto& fault : faults)
    core::log_error("reload refused, the worker goes on as it was",
                    {{"cause", cause}, {"error", fault}});
  enter(reload_phase::idle);
}

}  // namespace turnstile::app
