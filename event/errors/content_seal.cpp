#include "event/errors/content_seal.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sodium.h>

#include "core/json_text.hpp"

namespace turnstile::event {

namespace {

static_assert(seal_key_bytes == crypto_box_PUBLICKEYBYTES);
static_assert(seal_key_bytes == crypto_box_SECRETKEYBYTES);
static_assert(seal_key_bytes == crypto_box_BEFORENMBYTES);

constexpr int base64 = sodium_base64_VARIANT_ORIGINAL;
constexpr std::size_t nonce_bytes = crypto_box_NONCEBYTES;
/// What a box has in front of it: the public key of its pair, and its nonce.
constexpr std::size_t head_bytes = seal_key_bytes + nonce_bytes;
constexpr std::size_t added_bytes = head_bytes + crypto_box_MACBYTES;

constexpr std::string_view before_box = "{\"sealed\":\"";
constexpr std::string_view before_id = "\",\"seal_key\":\"";
constexpr std::string_view behind_id = "\"}";
constexpr std::size_t id_digits = 8;

/// Without libsodium's NUL.
std::size_t base64_bytes(std::size_t bytes) { return sodium_base64_ENCODED_LEN(bytes, base64) - 1; }

unsigned char* as_bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string id_of(std::span<const unsigned char> public_key) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), public_key.data(), public_key.size());
  std::array<char, id_digits + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), id_digits / 2);
  return hex.data();
}

}  // namespace

bool has_sealed_content(std::string_view error_record) {
  return error_record.find(std::string("\"message_content\":") + std::string(before_box)) !=
         std::string_view::npos;
}

std::optional<seal_key> seal_key::of(std::span<const unsigned char> bytes) {
  if (bytes.size() != seal_key_bytes || sodium_init() < 0) return std::nullopt;
  seal_key key;
  std::ranges::copy(bytes, key.bytes_.begin());
  // A point of small order makes the same secret of every key; libsodium tells when it is used.
  std::array<unsigned char, seal_key_bytes> any{1};
  std::array<unsigned char, seal_key_bytes> shared;
  if (crypto_box_beforenm(shared.data(), key.bytes_.data(), any.data()) != 0) return std::nullopt;
  key.id_ = id_of(key.bytes_);
  return key;
}

std::size_t content_sealer::bytes(std::size_t plain_bytes) const {
  return before_box.size() + base64_bytes(plain_bytes + added_bytes) + before_id.size() +
         key_.id().size() + behind_id.size();
}

void content_sealer::make_pair() {
  std::array<unsigned char, seal_key_bytes> secret;
  crypto_box_keypair(pair_public_.data(), secret.data());
  const int failed = crypto_box_beforenm(shared_.data(), key_.data(), secret.data());
  sodium_memzero(secret.data(), secret.size());
  // It cannot: seal_key::of has seen that the key is none of small order.
  if (failed != 0) throw std::logic_error("nothing can be sealed for the key");
  sealed_ = 0;
  has_pair_ = true;
}

std::string_view content_sealer::seal(std::string_view plain, core::arena& memory) {
  if (!has_pair_) make_pair();
  const std::size_t box_bytes = plain.size() + added_bytes;
  // libsodium's base64 ends with a NUL, which what follows takes the place of; the box lies behind.
  const std::size_t text_bytes = bytes(plain.size());
  char* const begin = memory.reserve(text_bytes + box_bytes);
  unsigned char* const box = as_bytes(begin + text_bytes);
  std::ranges::copy(pair_public_, box);
  unsigned char* const nonce = box + seal_key_bytes;
  std::fill_n(nonce, nonce_bytes, static_cast<unsigned char>(0));
  std::uint64_t number = sealed_++;
  for (std::size_t i = 0; number != 0; ++i, number >>= 8U)
    nonce[i] = static_cast<unsigned char>(number);
  crypto_box_easy_afternm(box + head_bytes, as_bytes(plain), plain.size(), nonce, shared_.data());
  char* to = core::write_bytes(begin, before_box);
  const std::size_t in_base64 = base64_bytes(box_bytes);
  sodium_bin2base64(to, in_base64 + 1, box, box_bytes, base64);
  to = core::write_bytes(to + in_base64, before_id);
  to = core::write_bytes(to, key_.id());
  to = core::write_bytes(to, behind_id);
  return memory.commit(static_cast<std::size_t>(to - begin));
}

void content_sealer::forget() {
  sodium_memzero(shared_.data(), shared_.size());
  has_pair_ = false;
}

std::optional<content_opener> content_opener::of(std::span<const unsigned char> secret) {
  if (secret.size() != seal_key_bytes) return std::nullopt;
  std::array<unsigned char, seal_key_bytes> public_key;
  if (crypto_scalarmult_base(public_key.data(), secret.data()) != 0) return std::nullopt;
  auto key = seal_key::of(public_key);
  if (!key) return std::nullopt;
  content_opener made(*std::move(key));
  std::ranges::copy(secret, made.secret_.begin());
  return made;
}

content_opener::content_opener(content_opener&& from) noexcept
  : key_(std::move(from.key_)), secret_(from.secret_) {}

content_opener::~content_opener() { sodium_memzero(secret_.data(), secret_.size()); }

std::optional<std::string> content_opener::open(std::string_view text) const {
  std::string box(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(as_bytes(box.data()), box.size(), text.data(), text.size(), nullptr, &size,
                        &end, base64) != 0 ||
      end != text.data() + text.size() || size < added_bytes)
    return std::nullopt;
  std::string plain(size - added_bytes, '\0');
  const unsigned char* const from = as_bytes(std::string_view(box));
  if (crypto_box_open_easy(as_bytes(plain.data()), from + head_bytes, size - head_bytes,
                           from + seal_key_bytes, from, secret_.data()) != 0)
    return std::nullopt;
  return plain;
}

}  // namespace turnstile::event
