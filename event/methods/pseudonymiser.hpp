// Makes pseudonyms: 64 lower-case hex digits of SHA-256, or of HMAC-SHA-256 with a key.
//
// Made once at the start and shared by all transformers; immutable, so any thread may call it. Key
// material lives in guarded memory (libsodium) and never appears in an error's text. nettle hashes:
// it uses the processor's SHA instructions where there are any.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace turnstile::event {

inline constexpr std::size_t pseudonym_bytes = 64;

/// Read-only bytes in memory that is locked, guarded and wiped when freed.
class secret_key {
public:
  /// Throws std::bad_alloc where the memory cannot be had.
  explicit secret_key(std::span<const unsigned char> bytes);

  [[nodiscard]] std::span<const unsigned char> bytes() const { return {bytes_.get(), size_}; }

private:
  struct wipe {
    void operator()(unsigned char* bytes) const noexcept;
  };
  std::unique_ptr<unsigned char, wipe> bytes_;
  std::size_t size_ = 0;
};

class pseudonymiser {
public:
  /// Plain SHA-256. Throws std::runtime_error where libsodium cannot start.
  pseudonymiser();

  /// HMAC-SHA-256.
  explicit pseudonymiser(const secret_key& key);

  ~pseudonymiser();
  pseudonymiser(const pseudonymiser&) = delete;
  pseudonymiser& operator=(const pseudonymiser&) = delete;

  [[nodiscard]] bool keyed() const { return keyed_ != nullptr; }

  /// Writes the pseudonym of `value` and returns its end. REQUIRES: room for `pseudonym_bytes`.
  [[nodiscard]] char* write(char* to, std::string_view value) const;

  [[nodiscard]] std::string of(std::string_view value) const;

  /// Eight hex digits that tell one key from another and nothing about it, so that a fleet whose
  /// workers have two keys is seen; `none` without a key.
  [[nodiscard]] std::string key_fingerprint() const;

private:
  struct keyed_state;
  struct wipe {
    void operator()(keyed_state* state) const noexcept;
  };
  std::unique_ptr<keyed_state, wipe> keyed_;
};

}  // namespace turnstile::event
