// A value of key material in memory that is locked, guarded, and wiped when freed.
//
// Owned by the cipher that it belongs to; written while it is made, only read then.
#pragma once

#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>

#include <sodium.h>

namespace turnstile::event {

template <class T>
class guarded {
public:
  /// `fill(T&)` makes the value. Throws std::bad_alloc where the memory cannot be had, and
  /// std::runtime_error where libsodium cannot start.
  template <class Fill>
  explicit guarded(Fill fill) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    value_.reset(static_cast<T*>(sodium_malloc(sizeof(T))));
    if (!value_) throw std::bad_alloc();
    fill(*value_);
    sodium_stackzero(stack_bytes_used);  // Key schedules leave parts of the key there.
    sodium_mprotect_readonly(value_.get());
  }

  [[nodiscard]] const T* operator->() const { return value_.get(); }

private:
  static constexpr std::size_t stack_bytes_used = 4096;
  struct wipe {
    void operator()(T* value) const noexcept { sodium_free(value); }
  };
  std::unique_ptr<T, wipe> value_;
};

}  // namespace turnstile::event
