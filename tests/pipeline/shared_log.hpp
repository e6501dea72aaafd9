// Keeps every log event of all workers in the process, librdkafka's lines among them.
//
// Owned by the fleet, installed before its first worker and taken away after its last. THREAD: any
// may write; the test's reads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.hpp"

namespace turnstile::tests {

class shared_log final : public core::log_sink {
public:
  shared_log() { core::install_log_sink(this); }
  ~shared_log() override { core::install_log_sink(nullptr); }
  shared_log(const shared_log&) = delete;
  shared_log& operator=(const shared_log&) = delete;

  void write(core::severity, std::string_view event, core::log_fields fields) noexcept override {
    std::string line{event};
    for (const auto& field : fields)
      line.append(" ").append(field.name).append("=").append(field.value);
    {
      const std::lock_guard lock{mutex_};
      lines_.push_back(std::move(line));
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return lines_.size();
  }

  /// The number of lines with `part`, line `from` or a later one.
  [[nodiscard]] std::size_t count(std::string_view part, std::size_t from = 0) const {
    const std::lock_guard lock{mutex_};
    return count_locked(part, from);
  }

  /// Waits for one; false: none came in time.
  [[nodiscard]] bool await(std::string_view part, std::size_t from,
                           std::chrono::milliseconds timeout) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, timeout, [&] { return count_locked(part, from) > 0; });
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

private:
  [[nodiscard]] std::size_t count_locked(std::string_view part, std::size_t from) const {
    std::size_t found = 0;
    for (std::size_t i = from; i < lines_.size(); ++i)
      if (lines_[i].find(part) != std::string::npos) ++found;
    return found;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace turnstile::tests
