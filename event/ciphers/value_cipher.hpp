// Values encrypted so that equal ones stay equal, and none can be changed or moved to another path.
//
// Made once from a key, then constant and shared by all threads. AES-256-SIV (RFC 5297) of nettle;
// the key's schedules lie in guarded memory.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/ciphers/guarded.hpp"

namespace turnstile::event {

class value_cipher {
public:
  static constexpr std::size_t key_bytes = 64;

  /// `key_id` stands before each result, and has no dot.
  value_cipher(std::span<const unsigned char, key_bytes> key, std::string key_id);

  [[nodiscard]] const std::string& key_id() const { return key_id_; }

  /// The room that `write` needs for so many bytes, its work included.
  [[nodiscard]] std::size_t bytes_max(std::size_t plain_bytes) const;

  /// `<key id>.<base64url>`: SIV's tag and ciphertext, without padding. The associated data are
  /// two strings, the path and `turnstile`. `plain` does not lie in that room.
  [[nodiscard]] char* write(char* to, std::string_view path, std::string_view plain) const;

  /// What `write` was given; nothing where another key, another path or a changed text is.
  [[nodiscard]] std::optional<std::string> open(std::string_view path,
                                                std::string_view sealed) const;

private:
  struct schedules;
  guarded<schedules> keys_;
  std::string key_id_;
};

}  // namespace turnstile::event
