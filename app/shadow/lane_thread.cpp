#include "app/shadow/lane_thread.hpp"

#include <utility>

namespace turnstile::shadow {

lane_thread::~lane_thread() {
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void lane_thread::put(std::unique_ptr<parcel> read) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return queue_.size() < parcels_max || thrown_; });
  // What was thrown is told by `finish`.
  if (!thrown_) queue_.push_back(std::move(read));
  changed_.notify_all();
}

void lane_thread::finish() {
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }
  thread_.join();
  if (thrown_) std::rethrow_exception(thrown_);
}

std::unique_ptr<parcel> lane_thread::next() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return !queue_.empty() || ended_; });
  if (queue_.empty()) return {};
  auto first = std::move(queue_.front());
  queue_.pop_front();
  changed_.notify_all();
  return first;
}

void lane_thread::work() {
  try {
    while (const auto read = next()) lane_.take(*read);
  } catch (...) {
    const std::lock_guard lock{mutex_};
    thrown_ = std::current_exception();
    queue_.clear();
    changed_.notify_all();
  }
}

}  // namespace turnstile::shadow
