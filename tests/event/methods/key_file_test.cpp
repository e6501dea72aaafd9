#include "event/methods/key_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/key_folder.hpp"

using namespace turnstile::event;

namespace {

struct key_folder : turnstile::tests::key_folder {
  [[nodiscard]] std::string file(std::string_view content, mode_t mode = 0600) const {
    return put("key", content, mode);
  }
};

/// The key, or the error without the path.
std::string told(const std::variant<secret_key, std::string>& loaded) {
  if (const auto* key = std::get_if<secret_key>(&loaded))
    return {key->bytes().begin(), key->bytes().end()};
  const auto& error = std::get<std::string>(loaded);
  CHECK(error.find('\n') == std::string::npos);
  return error.substr(error.rfind(": ") + 2);
}

std::string load(const std::string& path) { return told(load_key_file(path)); }

/// What follows "the key" in the warning.
std::string weakness(std::string_view key) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  const std::string warning = key_warning(secret_key({bytes, key.size()}), "privacy.hmac_key_file");
  CHECK(warning.find(key) == std::string::npos);
  constexpr std::string_view before = "privacy.hmac_key_file: the key ";
  return warning.empty() ? "" : warning.substr(before.size(), warning.find(';') - before.size());
}

const std::string key32 = "0123456789abcdef0123456789ABCDEF";
/// No text: the first byte begins no character.
const std::string raw31 = "\xff" + key32.substr(0, 30);
const std::string wrong_size =
    "must hold 32 to 4096 bytes, without blanks around a text; `turnstile keygen hmac` makes one";
const std::string sought_here = " (looked for in " + std::filesystem::current_path().string() + ")";

}  // namespace

TEST_CASE("a key that is text is the same whatever program saved it") {
  const key_folder folder;
  const std::string base64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
  for (const std::string& key : {key32, base64, std::string("correct horse, battery staple, 5 ä"),
                                 key32 + "\r\n" + key32, std::string(40, 'K')})
    for (const char* const end : {"", "\n", "\r\n", "\n\n", "\r", " ", "\t \r\n\r\n"}) {
      CHECK(load(folder.file(key + end)) == key);
      CHECK(load(folder.file(" \n" + key + end)) == key);
      CHECK(load(folder.file("\xef\xbb\xbf" + key + end)) == key);
    }
}

TEST_CASE("a key that is no text is exactly its bytes") {
  const key_folder folder;
  for (const std::string& key : {raw31 + "\n", raw31 + " ", " " + raw31, raw31 + raw31 + "\r\n",
                                 key32 + std::string(1, '\0'), key32 + "\x1b\n"})
    CHECK(load(folder.file(key)) == key);
}

TEST_CASE("a key file holds 32 to 4096 bytes") {
  const key_folder folder;
  CHECK(load(folder.file(key32.substr(1))) == wrong_size);
  CHECK(load(folder.file(key32.substr(1) + "\n")) == wrong_size);
  CHECK(load(folder.file(key32.substr(1) + " ")) == wrong_size);
  CHECK(load(folder.file(raw31)) == wrong_size);
  CHECK(load(folder.file(std::string(4096, 'k'))) == std::string(4096, 'k'));
  CHECK(load(folder.file(std::string(4097, 'k'))) == wrong_size);
  CHECK(load(folder.file(std::string(40, '\n'))) == wrong_size);
  CHECK(load(folder.file("")) == wrong_size);
}

TEST_CASE("a key of IPCrypt is its bytes or their hex digits") {
  const key_folder folder;
  const auto ipcrypt = [&](std::string_view content) {
    return told(load_ipcrypt_key_file(folder.file(content)));
  };
  const auto pfx = [&](std::string_view content) {
    return told(load_ipcrypt_pfx_key_file(folder.file(content)));
  };
  const std::string hex = "2b7e151628aed2a6ABF7158809CF4F3C";
  const std::string raw = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
  for (const std::string& content : {hex, hex + "\n", " " + hex + "\r\n", raw})
    CHECK(ipcrypt(content) == raw);
  CHECK(ipcrypt("0123456789abcdef\n") == "0123456789abcdef");
  for (const std::string& content :
       {std::string(), raw + "\n", raw.substr(1), hex.substr(1), hex + "0", hex + hex,
        hex.substr(1) + "g", "0x" + hex, std::string(4097, 'a')})
    CHECK(ipcrypt(content) == "must hold 16 bytes, or as many in hex");
  const std::string other(16, 'b');
  CHECK(pfx(hex + "62626262626262626262626262626262\n") == raw + other);
  CHECK(pfx(raw + other) == raw + other);
  CHECK(pfx(hex) == hex);
  CHECK(pfx(hex.substr(1)) == "must hold 32 bytes, or as many in hex");
  CHECK(pfx(raw + raw) == "the two halves are the same, which leaves addresses as they are");
  CHECK(pfx(hex + hex) == "the two halves are the same, which leaves addresses as they are");
  CHECK(ipcrypt(std::string(16, '\0')).starts_with("holds nothing but NUL bytes"));
  CHECK(ipcrypt(std::string(32, '0')).starts_with("holds nothing but NUL bytes"));
}

TEST_CASE("a key of NUL bytes is refused, as HMAC takes it for none") {
  const key_folder folder;
  for (const std::size_t size : {32U, 40U, 4096U})
    CHECK(load(folder.file(std::string(size, '\0'))).starts_with("holds nothing but NUL bytes"));
  CHECK(pseudonymiser(secret_key(std::vector<unsigned char>(40, 0))).of("x") ==
        pseudonymiser(secret_key({})).of("x"));
}

TEST_CASE("what speaks against a key is told without showing it") {
  CHECK(weakness(std::string(40, 'K')) == "is one byte repeated");
  CHECK(weakness("abcdefgabcdefgabcdefgabcdefgabcdefg") == "has fewer than 8 different bytes");
  CHECK(weakness("12345678901234567890123456789012") == "is digits only");
  CHECK(weakness("Correcthorsebatterystapleandmore") == "is letters only, as a word is");
  std::string utf16;
  for (const char c : key32) utf16 += {c, '\0'};
  CHECK(weakness(utf16) == "has many NUL bytes, as text in UTF-16 has");
  const std::string raw32 = "\x01" + raw31;
  CHECK(weakness(raw32 + "\n") == "is no text and ends in a line feed, which is part of it");
  for (const std::string& key : {key32, raw32, raw31 + "\n", raw32 + raw31 + "\n"})
    CHECK(weakness(key).empty());
}

TEST_CASE("a key file open to others is refused, one of root's may be read by a group") {
  const key_folder folder;
  const std::string open_error = "is open to others (chmod 0600 it, or 0440 where root owns it)";
  for (const mode_t mode : {0604U, 0620U, 0602U, 0610U, 0601U, 0660U, 0777U})
    CHECK(load(folder.file(key32, mode)) == open_error);
  CHECK(load(folder.file(key32, 0400)) == key32);
  CHECK(load(folder.file(key32, 0440)) == (::geteuid() == 0 ? key32 : open_error));
  CHECK(load(folder.file(key32, 0640)) == (::geteuid() == 0 ? key32 : open_error));
}

TEST_CASE("a key file of another user is refused") {
  if (::geteuid() != 0) return;  // Only root can make one.
  const key_folder folder;
  const std::string path = folder.file(key32);
  REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
  CHECK(load(path) == "belongs to neither the user of the process nor root");
}

TEST_CASE("what is no regular file is refused without waiting for it") {
  const key_folder folder;
  CHECK(load(folder.path) == "is not a regular file");
  const std::string pipe = folder.path + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(load(pipe) == "is not a regular file");
  CHECK(load("/dev/zero") == "is not a regular file");
  CHECK(load(folder.path + "/none") == "No such file or directory");
}

TEST_CASE("a symbolic link to a key is judged by what it leads to") {
  const key_folder folder;
  const std::string link = folder.path + "/link";
  std::filesystem::create_symlink(folder.file(key32), link);
  CHECK(load(link) == key32);
  static_cast<void>(folder.file(key32, 0604));
  CHECK(load(link).starts_with("is open to others"));
}

TEST_CASE("a key in place of its file's path is not shown") {
  for (const std::string& given : {key32, "q83v" + key32 + "/AbQ+w=="}) {
    const auto loaded = load_key_file(given);
    REQUIRE(std::holds_alternative<std::string>(loaded));
    CHECK(std::get<std::string>(loaded) ==
          "key file (not shown: it looks like a key, not like a path): No such file or directory" +
              sought_here);
  }
  CHECK(std::get<std::string>(load_key_file(key32.substr(0, 22))).starts_with("key file (not"));
  CHECK(std::get<std::string>(load_key_file("a password")).starts_with("key file (not"));
  for (const std::string path : {"/none/key", "./none", "../none/key", "none", "keys/none",
                                 "none/pseudonyms-of-production.key", "a23456789b123456789cd"})
    CHECK(std::get<std::string>(load_key_file(path)).starts_with("key file " + path + ": "));
}

TEST_CASE("where a key file is not there, the folder that it was looked for in is told") {
  CHECK(std::get<std::string>(load_key_file("none.key")) ==
        "key file none.key: No such file or directory" + sought_here);
  CHECK(std::get<std::string>(load_key_file("/none.key")) ==
        "key file /none.key: No such file or directory");
}

TEST_CASE("a key of a pair has the label of its kind in front") {
  const key_folder folder;
  const auto pair = [&folder](const std::string& content, pair_key kind, mode_t mode = 0600) {
    return told(load_pair_key_file(folder.file(content, mode), kind));
  };
  const std::string hex = key32 + key32;
  const std::string no_seal =
      "was not made by `turnstile keygen seal`, as it does not begin with seal-";
  for (const std::string& content : {hex + "\n", raw31 + "\xfe", std::string("seal-public"),
                                     "seal-publik:" + hex, std::string(4097, 'k')}) {
    CHECK(pair(content, pair_key::seal_public).starts_with(no_seal));
    CHECK(pair(content, pair_key::seal_secret).starts_with(no_seal));
    CHECK(pair(content, pair_key::sign_secret).find("keygen sign`") != std::string::npos);
    CHECK(pair(content, pair_key::sign_public).find("keygen sign`") != std::string::npos);
  }
  CHECK(pair("seal-public:" + hex + "\n", pair_key::seal_public, 0644).size() == 32);
  CHECK(pair("sign-secret:" + hex, pair_key::seal_secret) ==
        "holds a key of another kind, sign-secret, not seal-secret");
  CHECK(pair("sign-public:" + hex, pair_key::seal_secret) ==
        "holds a key of another kind, sign-public, not seal-secret");
}

TEST_CASE("the public key in place of the secret one is told so, though it is open to all") {
  const key_folder folder;
  const std::string said =
      "holds the public key of the pair; the secret one is in the file without .pub";
  for (const mode_t mode : {0600U, 0644U}) {
    const std::string seal = folder.file("seal-public:" + key32 + key32, mode);
    CHECK(told(load_pair_key_file(seal, pair_key::seal_secret)) == said);
    const std::string sign = folder.file("sign-public:" + key32 + key32, mode);
    CHECK(told(load_pair_key_file(sign, pair_key::sign_secret)) == said);
  }
  const std::string open = folder.file("seal-secret:" + key32 + key32, 0644);
  CHECK(told(load_pair_key_file(open, pair_key::seal_secret)).starts_with("is open to others"));
}

TEST_CASE("an error about a key file never shows what is in it") {
  const key_folder folder;
  for (const std::string& content : {key32.substr(0, 31), key32 + key32, std::string("secret")}) {
    const auto loaded = load_key_file(folder.file(content, 0644));
    REQUIRE(std::holds_alternative<std::string>(loaded));
    CHECK(std::get<std::string>(loaded).find(content) == std::string::npos);
  }
}
