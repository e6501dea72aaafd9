#include "app/statement/signed_statement.hpp"

#include <algorithm>

#include <sodium.h>

namespace turnstile::app {

namespace {

constexpr std::string_view before_statement = "{\"statement\":";
constexpr std::string_view before_key =
    ",\"signature\":{\"algorithm\":\"ed25519\",\"public_key\":\"";
constexpr std::string_view before_value = "\",\"value\":\"";
constexpr std::string_view behind_value = "\"}}\n";
constexpr std::string_view behind_unsigned = "}\n";

constexpr std::size_t key_digits = 2 * crypto_sign_PUBLICKEYBYTES;
constexpr std::size_t value_digits = 2 * crypto_sign_BYTES;
constexpr std::size_t signature_bytes =
    before_key.size() + key_digits + before_value.size() + value_digits + behind_value.size();

using signature = std::array<unsigned char, crypto_sign_BYTES>;

/// So that no other use of the key can make one.
std::string signed_bytes(std::string_view statement) {
  return "turnstile statement\n" + std::string(statement);
}

const unsigned char* as_bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <std::size_t Bytes>
std::string hex_of(const std::array<unsigned char, Bytes>& bytes) {
  std::string hex(2 * Bytes + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), Bytes);
  hex.pop_back();
  return hex;
}

/// False where they are not the digits that `hex_of` writes.
template <std::size_t Bytes>
bool read_hex(std::string_view hex, std::array<unsigned char, Bytes>& to) {
  return sodium_hex2bin(to.data(), Bytes, hex.data(), hex.size(), nullptr, nullptr, nullptr) == 0 &&
         hex_of(to) == hex;
}

/// A seed's key pair, wiped at the end.
struct signing_pair {
  sign_public_key open{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};

  explicit signing_pair(const event::secret_key& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.bytes().data());
  }
  ~signing_pair() { sodium_memzero(secret.data(), secret.size()); }
  signing_pair(const signing_pair&) = delete;
  signing_pair& operator=(const signing_pair&) = delete;
};

/// Takes `part` from the front; false where it is not there.
bool take(std::string_view& from, std::string_view part) {
  if (!from.starts_with(part)) return false;
  from.remove_prefix(part.size());
  return true;
}

}  // namespace

sign_public_key public_key_of(const event::secret_key& seed) { return signing_pair(seed).open; }

std::string id_of(const sign_public_key& key) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), key.data(), key.size());
  return hex_of(digest).substr(0, 8);
}

std::string statement_file(std::string_view statement, const event::secret_key* seed) {
  std::string file{before_statement};
  file += statement;
  if (seed == nullptr) return file += behind_unsigned;
  const signing_pair pair(*seed);
  const std::string message = signed_bytes(statement);
  signature value{};
  crypto_sign_detached(value.data(), nullptr, as_bytes(message), message.size(),
                       pair.secret.data());
  file += before_key;
  file += hex_of(pair.open);
  file += before_value;
  file += hex_of(value);
  return file += behind_value;
}

std::variant<verified_statement, std::string> verify_statement(
    std::string_view file, const std::optional<sign_public_key>& key) {
  const std::string changed = "is not what was signed: it was changed, or is no statement";
  if (!take(file, before_statement)) return "is no statement";
  if (file.find(before_key) == std::string_view::npos) return "is not signed";
  if (file.size() <= signature_bytes) return changed;
  verified_statement out{.statement = file.substr(0, file.size() - signature_bytes)};
  std::string_view rest = file.substr(out.statement.size());
  signature value{};
  if (!take(rest, before_key) || !read_hex(rest.substr(0, key_digits), out.key)) return changed;
  rest.remove_prefix(key_digits);
  if (!take(rest, before_value) || !read_hex(rest.substr(0, value_digits), value)) return changed;
  rest.remove_prefix(value_digits);
  if (rest != behind_value) return changed;
  if (key && *key != out.key)
    return "is signed by the key " + id_of(out.key) + ", not by " + id_of(*key);
  const std::string message = signed_bytes(out.statement);
  if (crypto_sign_verify_detached(value.data(), as_bytes(message), message.size(),
                                  out.key.data()) != 0)
    return changed;
  return out;
}

}  // namespace turnstile::app
