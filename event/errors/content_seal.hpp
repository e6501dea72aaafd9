// The input of an error record in a box that only the holder of the secret key opens.
//
// Sealers belong to one transform each, on its thread; keys are values. Not libsodium's own sealed
// box, which makes a key pair for each message and so costs some twenty times what a record does:
// the records of one batch share a pair, and each has a nonce of its own
// (docs/decisions/19-sealed-contents.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/arena.hpp"

namespace turnstile::event {

inline constexpr std::size_t seal_key_bytes = 32;

/// Whether the content of an error record is sealed, from how its value begins to say so.
[[nodiscard]] bool has_sealed_content(std::string_view error_record);

/// The public key that contents are sealed for.
class seal_key {
public:
  /// Nothing where the bytes are no key that anything can be sealed for.
  [[nodiscard]] static std::optional<seal_key> of(std::span<const unsigned char> bytes);

  [[nodiscard]] const unsigned char* data() const { return bytes_.data(); }
  /// Eight hex digits that tell keys apart; no secret.
  [[nodiscard]] const std::string& id() const { return id_; }

private:
  seal_key() = default;

  std::array<unsigned char, seal_key_bytes> bytes_{};
  std::string id_;
};

class content_sealer {
public:
  explicit content_sealer(seal_key key) : key_(std::move(key)) {}
  ~content_sealer() { forget(); }
  content_sealer(const content_sealer&) = delete;
  content_sealer& operator=(const content_sealer&) = delete;

  /// Of what `seal` writes for so many bytes.
  [[nodiscard]] std::size_t bytes(std::size_t plain_bytes) const;

  /// `{"sealed":"<base64>","seal_key":"<id>"}`
  [[nodiscard]] std::string_view seal(std::string_view plain, core::arena& memory);

  /// From here on nobody but the holder of the secret key opens what was sealed. To be called
  /// before a batch is handed on.
  void forget();

private:
  void make_pair();

  seal_key key_;
  bool has_pair_ = false;
  std::uint64_t sealed_ = 0;  ///< With the pair.
  std::array<unsigned char, seal_key_bytes> pair_public_{};
  std::array<unsigned char, seal_key_bytes> shared_{};
};

/// Opens what was sealed for one key.
class content_opener {
public:
  /// Nothing where the secret's public key is none.
  [[nodiscard]] static std::optional<content_opener> of(std::span<const unsigned char> secret);
  ~content_opener();
  content_opener(content_opener&& from) noexcept;
  content_opener& operator=(content_opener&&) = delete;

  [[nodiscard]] const seal_key& public_key() const { return key_; }

  /// Nothing where it was sealed for another key, or changed.
  [[nodiscard]] std::optional<std::string> open(std::string_view base64) const;

private:
  explicit content_opener(seal_key key) : key_(std::move(key)) {}

  seal_key key_;
  std::array<unsigned char, seal_key_bytes> secret_{};
};

}  // namespace turnstile::event
