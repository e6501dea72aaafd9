// The paths of unknown fields that the log has named: each once, and no more than a bound.
//
// One for each worker, shared by all transforms: any thread may call it. Asked only for events that
// fail.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace turnstile::event {

class seen_paths {
public:
  static constexpr std::size_t paths_max = 100;

  /// True: the path is new, and there is room for it.
  [[nodiscard]] bool is_first(std::string_view path) {
    const std::lock_guard lock{mutex_};
    if (seen_.contains(path) || seen_.size() >= paths_max) return false;
    seen_.emplace(path);
    return true;
  }

private:
  std::mutex mutex_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace turnstile::event
