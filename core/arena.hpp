// Memory for everything that a batch writes: output keys, values, headers.
//
// Owned by one record_batch; used by one thread at a time, the one that holds the batch. What it
// hands out stays at its address until the arena dies. Grows by chunks, never moves, never frees
// singly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace turnstile::core {

class arena {
public:
  /// A batch may hold one record or hundreds, and thousands of small batches may be in flight.
  static constexpr std::size_t chunk_bytes_min = 1024;
  static constexpr std::size_t chunk_bytes_max = std::size_t{64} * 1024;

  /// About `bytes` will be wanted in all: the chunks are cut to that. Without, they double.
  void expect(std::size_t bytes) { expected_ = bytes; }

  /// At least `bytes` of writable memory, to be claimed by `commit`. What was reserved and not
  /// committed is handed out again by the next call.
  [[nodiscard]] char* reserve(std::size_t bytes) {
    if (bytes > left_) grow(bytes);
    return next_;
  }

  /// Claims the first `bytes` of the last reservation.
  std::string_view commit(std::size_t bytes) {
    std::string_view claimed{next_, bytes};
    next_ += bytes;
    left_ -= bytes;
    return claimed;
  }

  std::string_view copy(std::string_view bytes) {
    char* to = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return commit(bytes.size());
  }

  /// `count` default objects. REQUIRES: T has no destructor to call.
  template <class T>
  std::span<T> make(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    char* const at = reserve(count * sizeof(T) + alignof(T) - 1);
    const std::size_t gap = -reinterpret_cast<std::uintptr_t>(at) % alignof(T);
    static_cast<void>(commit(gap + count * sizeof(T)));
    T* const first = reinterpret_cast<T*>(at + gap);
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  [[nodiscard]] std::size_t bytes_held() const { return held_; }

private:
  void grow(std::size_t bytes) {
    const std::size_t wanted = held_ < expected_ ? expected_ - held_ : 2 * held_;
    const std::size_t size = std::max(bytes, std::clamp(wanted, chunk_bytes_min, chunk_bytes_max));
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = chunks_.back().get();
    left_ = size;
    held_ += size;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t held_ = 0;
  std::size_t expected_ = 0;
};

}  // namespace turnstile::core
