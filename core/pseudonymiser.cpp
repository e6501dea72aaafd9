#include "core/pseudonymiser.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnstile::core {

namespace {

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

using digest = std::array<unsigned char, SHA256_DIGEST_SIZE>;
static_assert(2 * sizeof(digest) == pseudonym_bytes);

/// More than nettle needs for a key.
constexpr std::size_t stack_bytes_used = 4096;

/// Without a table and branches, so that the compiler makes vector instructions of it.
char* write_hex(char* to, const digest& bytes) {
  const auto digit = [](unsigned nibble) {
    return static_cast<char>(nibble + '0' + (nibble > 9 ? 'a' - '0' - 10 : 0));
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    to[2 * i] = digit(bytes[i] >> 4U);
    to[2 * i + 1] = digit(bytes[i] & 0xfU);
  }
  return to + pseudonym_bytes;
}

class file_descriptor {
public:
  explicit file_descriptor(int fd) : fd_(fd) {}
  ~file_descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

std::string system_text(int code) { return std::generic_category().message(code); }

/// What forbids using the open file as a key; none: nothing.
std::optional<std::string> objection_to(int fd) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return system_text(errno);
  if (!S_ISREG(facts.st_mode)) return "is not a regular file";
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return "belongs to neither the user of the process nor root";
  // A service manager hands over what is root's through a group, or an access list that shows as
  // one: systemd's credentials, Kubernetes' secrets.
  const mode_t forbidden = facts.st_uid == 0 ? 037 : 077;
  if ((facts.st_mode & forbidden) != 0)
    return "is open to others (chmod 0600 it, or 0440 where root owns it)";
  if (facts.st_size < off_t{key_bytes_min} || facts.st_size > off_t{key_bytes_max})
    return "must hold 32 to 4096 bytes";
  return std::nullopt;
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

std::variant<secret_key, std::string> read_key(int fd) {
  struct wiped_buffer {
    key_buffer bytes;
    ~wiped_buffer() { sodium_memzero(bytes.data(), bytes.size()); }
  } buffer;
  const ssize_t got = read_all(fd, buffer.bytes);
  if (got < 0) return system_text(errno);
  auto size = static_cast<std::size_t>(got);
  if (size > key_bytes_max) return "must hold 32 to 4096 bytes";
  if (size > 0 && buffer.bytes[size - 1] == '\n') --size;
  if (size < key_bytes_min) return "must hold 32 to 4096 bytes";
  return secret_key({buffer.bytes.data(), size});
}

}  // namespace

secret_key::secret_key(std::span<const unsigned char> bytes) : size_(bytes.size()) {
  start_sodium();
  bytes_.reset(static_cast<unsigned char*>(sodium_malloc(size_)));
  if (!bytes_) throw std::bad_alloc();
  if (size_ > 0) std::memcpy(bytes_.get(), bytes.data(), size_);
  sodium_mprotect_readonly(bytes_.get());
}

void secret_key::wipe::operator()(unsigned char* bytes) const noexcept { sodium_free(bytes); }

std::variant<secret_key, std::string> load_key_file(const std::string& path) {
  // Who puts the key itself in place of its path must not find it in the log.
  const bool is_path = path.starts_with('/') || path.starts_with('.');
  const auto refused = [shown = is_path ? path : "(not shown: begins with neither / nor .)"](
                           const std::string& why) { return "key file " + shown + ": " + why; };
  // Without O_NONBLOCK a named pipe would hang here instead of being refused.
  const file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return refused(system_text(errno));
  if (const auto objection = objection_to(file.get())) return refused(*objection);
  auto key = read_key(file.get());
  if (const auto* why = std::get_if<std::string>(&key)) return refused(*why);
  return key;
}

/// Its inner and outer state have the key's block behind them, so that a value costs two
/// compressions, not four.
struct pseudonymiser::keyed_state {
  hmac_sha256_ctx hmac;
};

void pseudonymiser::wipe::operator()(keyed_state* state) const noexcept { sodium_free(state); }

pseudonymiser::pseudonymiser() { start_sodium(); }

pseudonymiser::pseudonymiser(const secret_key& key) : pseudonymiser() {
  keyed_.reset(static_cast<keyed_state*>(sodium_malloc(sizeof(keyed_state))));
  if (!keyed_) throw std::bad_alloc();
  hmac_sha256_set_key(&keyed_->hmac, key.bytes().size(), key.bytes().data());
  sodium_stackzero(stack_bytes_used);  // nettle leaves the padded key there.
  sodium_mprotect_readonly(keyed_.get());
}

pseudonymiser::~pseudonymiser() = default;

char* pseudonymiser::write(char* to, std::string_view value) const {
  digest bytes;
  sha256_ctx state;
  if (keyed_) {
    state = keyed_->hmac.inner;
    sha256_update(&state, value.size(), as_bytes(value));
    sha256_digest(&state, bytes.size(), bytes.data());
    state = keyed_->hmac.outer;
    sha256_update(&state, bytes.size(), bytes.data());
    sha256_digest(&state, bytes.size(), bytes.data());
    sodium_memzero(&state, sizeof state);
  } else {
    sha256_init(&state);
    sha256_update(&state, value.size(), as_bytes(value));
    sha256_digest(&state, bytes.size(), bytes.data());
  }
  return write_hex(to, bytes);
}

std::string pseudonymiser::of(std::string_view value) const {
  std::string text(pseudonym_bytes, '\0');
  static_cast<void>(write(text.data(), value));
  return text;
}

std::string pseudonymiser::key_fingerprint() const {
  constexpr std::size_t shown = 8;
  return keyed() ? of("turnstile key fingerprint").substr(0, shown) : "none";
}

}  // namespace turnstile::core
