#include "event/methods/key_file.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json_text.hpp"
#include "event/ciphers/ipcrypt.hpp"
#include "event/methods/file_descriptor.hpp"

namespace turnstile::event {

namespace {

constexpr const char* wrong_size =
    "must hold 32 to 4096 bytes, without blanks around a text; `turnstile keygen hmac` makes one";

std::string system_text(int code) { return std::generic_category().message(code); }

constexpr std::array<std::string_view, 4> pair_labels{
    "seal-public:", "seal-secret:", "sign-public:", "sign-secret:"};

bool is_public(pair_key kind) {
  return kind == pair_key::seal_public || kind == pair_key::sign_public;
}

bool is_seal(pair_key kind) {
  return kind == pair_key::seal_public || kind == pair_key::seal_secret;
}

/// What is in a file: how many bytes (0: the pseudonyms' key), and of which pair.
struct key_form {
  std::size_t bytes = 0;
  std::optional<pair_key> kind;

  [[nodiscard]] bool is_public() const { return kind && event::is_public(*kind); }
};

/// What forbids using the open file as a key; none: nothing.
std::optional<std::string> objection_to(int fd, bool is_public) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return system_text(errno);
  if (!S_ISREG(facts.st_mode)) return "is not a regular file";
  if (is_public) return std::nullopt;
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return "belongs to neither the user of the process nor root";
  // A service manager hands over what is root's through a group, or an access list that shows as
  // one: systemd's credentials, Kubernetes' secrets.
  const mode_t forbidden = facts.st_uid == 0 ? 037 : 077;
  if ((facts.st_mode & forbidden) != 0)
    return "is open to others (chmod 0600 it, or 0440 where root owns it)";
  return std::nullopt;
}

/// No random bytes look so: of 32 one in 10^13.
bool is_text(std::string_view bytes) {
  const core::text_faults faults = core::find_text_faults(bytes);
  return faults.invalid_utf8_at == core::text_faults::npos &&
         faults.control_at == core::text_faults::npos;
}

/// The key in a file of these bytes: the whole of them, but of text not what the program that saved
/// it may have put around it.
std::span<const unsigned char> key_in(std::span<const unsigned char> bytes) {
  constexpr std::string_view around = " \t\r\n";
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!is_text(text)) return bytes;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::size_t begin = std::min(text.find_first_not_of(around), text.size());
  text.remove_prefix(begin);
  const std::size_t size = text.find_last_not_of(around) + 1;
  return {reinterpret_cast<const unsigned char*>(text.data()), size};
}

using key_buffer = std::array<unsigned char, key_bytes_max + 1>;

/// Fills the buffer as far as the file goes; -1: it cannot be read.
ssize_t read_all(int fd, key_buffer& buffer) {
  std::size_t got = 0;
  while (got < buffer.size()) {
    const ssize_t n = ::read(fd, buffer.data() + got, buffer.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(got);
}

struct wiped_buffer {
  key_buffer bytes{};
  wiped_buffer() = default;
  ~wiped_buffer() { sodium_memzero(bytes.data(), bytes.size()); }
  wiped_buffer(const wiped_buffer&) = delete;
  wiped_buffer& operator=(const wiped_buffer&) = delete;
};

using key_or_fault = std::variant<secret_key, std::string>;

/// What a file holds of `cipher_key_bytes`, or for 0, of the pseudonyms' key.
key_or_fault key_of(std::span<const unsigned char> key, std::size_t cipher_key_bytes) {
  const bool is_nothing = std::ranges::all_of(key, [](unsigned char b) { return b == 0; });
  constexpr const char* nothing = "holds nothing but NUL bytes, which is as good as no key";
  if (cipher_key_bytes == 0) {
    if (key.size() < key_bytes_min || key.size() > key_bytes_max) return wrong_size;
    if (is_nothing) return nothing;
    return secret_key(key);
  }
  wiped_buffer decoded;
  if (key.size() == 2 * cipher_key_bytes &&
      sodium_hex2bin(decoded.bytes.data(), cipher_key_bytes,
                     reinterpret_cast<const char*>(key.data()), key.size(), nullptr, nullptr,
                     nullptr) == 0)
    return key_of({decoded.bytes.data(), cipher_key_bytes}, cipher_key_bytes);
  if (key.size() != cipher_key_bytes)
    return "must hold " + std::to_string(cipher_key_bytes) + " bytes, or as many in hex";
  if (is_nothing) return nothing;
  return secret_key(key);
}

std::optional<pair_key> labelled(std::string_view text) {
  const auto found = std::ranges::find_if(
      pair_labels, [text](std::string_view label) { return text.starts_with(label); });
  if (found == pair_labels.end()) return std::nullopt;
  return static_cast<pair_key>(found - pair_labels.begin());
}

/// Of a label that is not the one that was wanted.
std::string other_kind(pair_key held, pair_key wanted) {
  if (is_seal(held) == is_seal(wanted) && is_public(held))
    return "holds the public key of the pair; the secret one is in the file without .pub";
  const auto name = [](pair_key kind) {
    return std::string(label_of(kind).substr(0, label_of(kind).size() - 1));
  };
  return "holds a key of another kind, " + name(held) + ", not " + name(wanted);
}

/// The same of a key of a pair. Without its label any 32 bytes would be one, and what is sealed for
/// a public key that is none, nobody opens.
key_or_fault key_of(std::span<const unsigned char> key, const key_form& form) {
  if (!form.kind) return key_of(key, form.bytes);
  const auto held = labelled({reinterpret_cast<const char*>(key.data()), key.size()});
  if (!held)
    return std::string("was not made by `turnstile keygen ") +
           (is_seal(*form.kind) ? "seal" : "sign") + "`, as it does not begin with " +
           std::string(label_of(*form.kind));
  if (held != form.kind) return other_kind(*held, *form.kind);
  return key_of(key.subspan(label_of(*held).size()), form.bytes);
}

key_or_fault read_key(int fd, const key_form& form) {
  wiped_buffer buffer;
  const ssize_t got = read_all(fd, buffer.bytes);
  if (got < 0) return system_text(errno);
  const auto size = static_cast<std::size_t>(got);
  // As long as the buffer: it may go on.
  if (size > key_bytes_max) return key_of({buffer.bytes.data(), size}, form);
  return key_of(key_in({buffer.bytes.data(), size}), form);
}

bool all_of(std::span<const unsigned char> key, std::string_view allowed) {
  return std::ranges::all_of(key, [allowed](unsigned char b) {
    return allowed.find(static_cast<char>(b)) != std::string_view::npos;
  });
}

/// As what follows "the key".
std::string_view weakness_of(std::span<const unsigned char> bytes) {
  constexpr std::size_t few = 8;
  std::bitset<256> different;
  for (const unsigned char b : bytes) different.set(b);
  if (different.count() == 1) return "is one byte repeated";
  if (different.count() < few) return "has fewer than 8 different bytes";
  if (all_of(bytes, "0123456789")) return "is digits only";
  if (all_of(bytes, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return "is letters only, as a word is";
  const auto nul_bytes = static_cast<std::size_t>(std::ranges::count(bytes, 0));
  if (nul_bytes > bytes.size() / 4) return "has many NUL bytes, as text in UTF-16 has";
  const bool raw_and_line_feed = bytes.back() == '\n' && (bytes.size() - 1) % few == 0;
  return raw_and_line_feed ? "is no text and ends in a line feed, which is part of it" : "";
}

/// Leaves the file at its beginning.
bool holds_public_key(int fd) {
  std::array<char, pair_labels.front().size()> begin{};
  const ssize_t got = ::pread(fd, begin.data(), begin.size(), 0);
  const auto held = labelled({begin.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
  return held && is_public(*held);
}

key_or_fault load_at(int folder, const std::string& name, const key_form& form) {
  // Without O_NONBLOCK a named pipe would hang here instead of being refused.
  const file_descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return system_text(errno);
  const auto objection = objection_to(file.get(), form.is_public());
  if (!objection) return read_key(file.get(), form);
  // The public key in place of the secret one is open to all, which is not what is wrong with it.
  if (form.kind && !objection_to(file.get(), true) && holds_public_key(file.get()))
    return read_key(file.get(), form);
  return *objection;
}

/// Who puts the key itself in place of its path must not find it in the log. A key as text is
/// longer than such a name, and has no point.
bool is_name(const std::string& path) {
  constexpr std::size_t key_text_min = 22;  // 16 bytes in base64.
  constexpr std::string_view others = "._-/";
  if (path.starts_with('/') || path.starts_with('.')) return true;
  return (path.size() < key_text_min || path.find('.') != std::string::npos) &&
         std::ranges::all_of(path, [others](unsigned char c) {
           return std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != others.npos;
         });
}

key_or_fault load(const std::string& path, const key_form& form) {
  const std::string shown = form.is_public() ? path : shown_path(path);
  auto key = load_at(AT_FDCWD, path, form);
  if (const auto* why = std::get_if<std::string>(&key))
    return "key file " + shown + ": " + *why + (*why == system_text(ENOENT) ? looked_in(path) : "");
  return key;
}

}  // namespace

std::string shown_path(const std::string& path) {
  return is_name(path) ? path : "(not shown: it looks like a key, not like a path)";
}

std::string looked_in(const std::string& path) {
  std::error_code failed;
  const auto here = std::filesystem::current_path(failed);
  return failed || path.starts_with('/') ? "" : " (looked for in " + here.string() + ")";
}

std::variant<secret_key, std::string> load_key_file(const std::string& path) {
  return load(path, {});
}

std::variant<secret_key, std::string> load_key_at(int folder, const std::string& name) {
  return load_at(folder, name, {});
}

std::variant<secret_key, std::string> load_ipcrypt_key_file(const std::string& path) {
  return load(path, {ipcrypt_cipher::key_bytes, {}});
}

std::variant<secret_key, std::string> load_ipcrypt_pfx_key_file(const std::string& path) {
  auto loaded = load(path, {ipcrypt_pfx_cipher::key_bytes, {}});
  if (const auto* key = std::get_if<secret_key>(&loaded)) {
    const auto bytes = key->bytes();
    constexpr std::size_t half = ipcrypt_pfx_cipher::key_bytes / 2;
    if (std::ranges::equal(bytes.first(half), bytes.last(half)))
      return "key file " + path +
             ": the two halves are the same, which leaves addresses as they are";
  }
  return loaded;
}

std::string_view label_of(pair_key kind) { return pair_labels[static_cast<std::size_t>(kind)]; }

std::variant<secret_key, std::string> load_pair_key_file(const std::string& path, pair_key kind) {
  return load(path, {pair_key_bytes, kind});
}

std::string key_warning(const secret_key& key, std::string_view where) {
  const std::string_view weakness = weakness_of(key.bytes());
  if (weakness.empty()) return {};
  return std::string(where) + ": the key " + std::string(weakness) +
         "; `turnstile keygen hmac` makes a good one";
}

}  // namespace turnstile::event
