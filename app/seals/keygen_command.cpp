#include "app/seals/keygen_command.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands/argument_checks.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "event/errors/content_seal.hpp"
#include "event/methods/key_file.hpp"

namespace turnstile::app {

namespace {

constexpr std::size_t key_bytes = event::pair_key_bytes;
constexpr std::size_t hex_bytes = 2 * key_bytes;
constexpr mode_t owner_only = 0600;
constexpr mode_t open_to_all = 0644;

constexpr const char* help_end =
    "hmac   a secret key for privacy.hmac_key_file, or as a key of privacy.key_dir\n"
    "seal   a pair for sealed error contents: FILE.pub for errors.seal_key_file, FILE for\n"
    "       `turnstile unseal`; keep FILE where no worker is\n"
    "sign   a pair for statements of the audit: FILE for `turnstile audit --sign-key`, FILE.pub\n"
    "       for those who verify them\n"
    "\n"
    "Examples:\n"
    "  turnstile keygen seal /etc/turnstile/seal.key\n"
    "  turnstile keygen hmac pseudonyms.key\n"
    "\n"
    "Exit codes: 0 written, 1 not: a file is there already, or cannot be written.";

/// Key material of a pair, or one key; wiped at the end.
struct key_pair {
  std::array<unsigned char, key_bytes> public_key{};
  std::array<unsigned char, key_bytes> secret{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> signing{};

  key_pair() = default;
  ~key_pair() {
    sodium_memzero(secret.data(), secret.size());
    sodium_memzero(signing.data(), signing.size());
  }
  key_pair(const key_pair&) = delete;
  key_pair& operator=(const key_pair&) = delete;
};

/// Creates `path` with the key as a line of hex behind `label`; the fault, if any.
std::optional<std::string> write_key(const std::string& path, std::string_view label,
                                     const std::array<unsigned char, key_bytes>& key, mode_t mode) {
  const auto failed = [&path](int code) {
    return code == EEXIST ? path + " is there already; a key is never overwritten"
                          : "cannot write " + path + ": " + std::generic_category().message(code);
  };
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
  if (fd < 0) return failed(errno);
  std::array<char, hex_bytes + 1> line{};
  sodium_bin2hex(line.data(), line.size(), key.data(), key.size());
  line.back() = '\n';
  const auto put = [fd](const char* from, std::size_t size) {
    return ::write(fd, from, size) == static_cast<ssize_t>(size);
  };
  const bool written = put(label.data(), label.size()) && put(line.data(), line.size()) &&
                       ::fchmod(fd, mode) == 0 && ::fsync(fd) == 0;
  const int why = errno;
  sodium_memzero(line.data(), line.size());
  if (::close(fd) == 0 && written) return std::nullopt;
  ::unlink(path.c_str());
  return failed(why);
}

void tell(const std::string& path, const char* mode, const std::string& use) {
  std::printf("%s  %s  %s\n", path.c_str(), mode, use.c_str());
}

int refuse(const std::string& fault) {
  complain(fault);
  return exit_failed;
}

int make_hmac(const std::string& file) {
  key_pair made;
  randombytes_buf(made.secret.data(), made.secret.size());
  if (const auto fault = write_key(file, "", made.secret, owner_only)) return refuse(*fault);
  tell(file, "0600", "secret, for privacy.hmac_key_file");
  return exit_ok;
}

struct pair_uses {
  event::pair_key secret;
  event::pair_key open;
  std::string of_secret;
  std::string of_open;
};

int make_pair(const std::string& file, const key_pair& made, const pair_uses& uses) {
  const std::string open_file = file + ".pub";
  if (const auto fault = write_key(file, label_of(uses.secret), made.secret, owner_only))
    return refuse(*fault);
  if (const auto fault = write_key(open_file, label_of(uses.open), made.public_key, open_to_all)) {
    ::unlink(file.c_str());
    return refuse(*fault);
  }
  tell(file, "0600", "secret, for " + uses.of_secret);
  tell(open_file, "0644", "public, for " + uses.of_open);
  return exit_ok;
}

int make_seal(const std::string& file) {
  key_pair made;
  crypto_box_keypair(made.public_key.data(), made.secret.data());
  const auto key = event::seal_key::of(made.public_key);
  const std::string id = key ? ", id " + key->id() : "";
  return make_pair(
      file, made,
      {event::pair_key::seal_secret, event::pair_key::seal_public,
       "turnstile unseal --key; keep it where no worker is", "errors.seal_key_file" + id});
}

int make_sign(const std::string& file) {
  key_pair made;
  crypto_sign_keypair(made.public_key.data(), made.signing.data());
  crypto_sign_ed25519_sk_to_seed(made.secret.data(), made.signing.data());
  return make_pair(file, made,
                   {event::pair_key::sign_secret, event::pair_key::sign_public,
                    "turnstile audit --sign-key", "turnstile audit --verify --public-key"});
}

int run_keygen(const keygen_args& args, const command_input& /*input*/) {
  if (sodium_init() < 0) return refuse("libsodium cannot start");
  const std::string file = args.file.empty() ? args.kind + ".key" : args.file;
  if (args.kind == "hmac") return make_hmac(file);
  return args.kind == "seal" ? make_seal(file) : make_sign(file);
}

void add_options(CLI::App& to, keygen_args& args) {
  to.add_option("kind", args.kind, "What for: hmac, seal or sign")
      ->type_name("KIND")
      ->check(one_of({"hmac", "seal", "sign"}))
      ->required();
  to.add_option("file", args.file, "Where to; without it KIND.key here. Of a pair FILE.pub too")
      ->type_name("FILE");
}

}  // namespace

command_of<keygen_args> keygen_command() {
  return {.words = {.name = "keygen",
                    .about = "Make a key, in a file that others cannot read",
                    .group = "Tools",
                    .footer = help_end},
          .add_options = add_options,
          .run = run_keygen};
}

}  // namespace turnstile::app
