// A lane's own thread for one pass, with a bounded queue of parcels before it.
//
// Owned by the session; `put` and `finish` are called on its thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "app/shadow/lane.hpp"

namespace turnstile::shadow {

class lane_thread {
public:
  static constexpr std::size_t parcels_max = 8;

  explicit lane_thread(lane& of) : lane_(of), thread_([this] { work(); }) {}
  ~lane_thread();
  lane_thread(const lane_thread&) = delete;
  lane_thread& operator=(const lane_thread&) = delete;

  /// Waits while the queue is full.
  void put(std::unique_ptr<parcel> read);

  /// Until all is done. Throws what the lane threw.
  void finish();

private:
  void work();
  [[nodiscard]] std::unique_ptr<parcel> next();

  lane& lane_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<parcel>> queue_;
  bool ended_ = false;
  std::exception_ptr thrown_;
  std::thread thread_;
};

}  // namespace turnstile::shadow
