// `turnstile keygen` and `turnstile unseal`, by their command lines.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli.hpp"
#include "app/seals/keygen_command.hpp"
#include "app/seals/unseal_command.hpp"
#include "captured.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "event/errors/content_seal.hpp"
#include "event/errors/seal_key_file.hpp"
#include "event/methods/key_file.hpp"

namespace turnstile::app {

namespace {

struct outcome {
  int code = 0;
  std::string output;
  std::string error;
};

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

mode_t mode_of(const std::string& file) {
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

/// A folder for keys and records; gone at the end.
struct seal_folder {
  std::string path = (std::filesystem::temp_directory_path() / "turnstile-XXXXXX").string();

  seal_folder() { REQUIRE(::mkdtemp(path.data())); }
  ~seal_folder() { std::filesystem::remove_all(path); }
  seal_folder(const seal_folder&) = delete;
  seal_folder& operator=(const seal_folder&) = delete;

  [[nodiscard]] std::string in(const std::string& name) const { return path + "/" + name; }

  static outcome run(const std::vector<std::string>& arguments) {
    outcome out;
    out.error = captured(STDERR_FILENO, [&] {
      out.output = captured(STDOUT_FILENO, [&] {
        out.code = run_command_line({keygen_command(), unseal_command()}, arguments, {});
      });
    });
    return out;
  }

  /// What `unseal` makes of lines on standard input.
  [[nodiscard]] outcome unseal(const std::string& lines, std::vector<std::string> more = {}) const {
    std::ofstream(in("lines"), std::ios::binary) << lines;
    REQUIRE(std::freopen(in("lines").c_str(), "r", stdin) != nullptr);
    more.insert(more.begin(), {"unseal", "--key", in("seal.key")});
    return run(more);
  }

  [[nodiscard]] std::string error_record(const std::string& input,
                                         const std::string& key = "seal.key.pub") const {
    core::settings settings;
    settings.errors.content = core::error_content::sealed;
    settings.errors.seal_key_file = in(key);
    event::content_sealer sealer(*std::get<0>(event::load_seal_key(settings)));
    core::arena memory;
    return R"({"user_id":"Unknown","error_type":"Bad","reason":"invalid_json","message_content":)" +
           std::string(sealer.seal(input, memory)) + R"(,"timestamp":"2024-10-25 22:14:20"})";
  }
};

}  // namespace

TEST_CASE("keygen writes a secret that only its owner reads, and says what it wrote") {
  const seal_folder folder;
  ::umask(0);
  const auto made = seal_folder::run({"keygen", "seal", folder.in("seal.key")});
  ::umask(022);
  CHECK(made.code == exit_ok);
  CHECK(made.output.find(folder.in("seal.key") + "  0600  secret") != std::string::npos);
  CHECK(made.output.find(folder.in("seal.key.pub") + "  0644  public") != std::string::npos);
  CHECK(mode_of(folder.in("seal.key")) == 0600);
  CHECK(mode_of(folder.in("seal.key.pub")) == 0644);
  CHECK(made.output.find(text_of(folder.in("seal.key")).substr(12, 64)) == std::string::npos);
}

TEST_CASE("keygen never overwrites, and leaves no half of a pair") {
  const seal_folder folder;
  for (const auto* kind : {"hmac", "seal", "sign"}) {
    const std::string file = folder.in(kind);
    REQUIRE(seal_folder::run({"keygen", kind, file}).code == exit_ok);
    const std::string before = text_of(file);
    const auto again = seal_folder::run({"keygen", kind, file});
    CHECK(again.code == exit_failed);
    CHECK(again.error.find("is there already") != std::string::npos);
    CHECK(text_of(file) == before);
  }
  std::filesystem::remove(folder.in("seal"));
  CHECK(seal_folder::run({"keygen", "seal", folder.in("seal")}).code == exit_failed);
  CHECK_FALSE(std::filesystem::exists(folder.in("seal")));
}

TEST_CASE("what keygen wrote is used at once") {
  const seal_folder folder;
  REQUIRE(seal_folder::run({"keygen", "hmac", folder.in("hmac.key")}).code == exit_ok);
  const auto loaded = event::load_key_file(folder.in("hmac.key"));
  REQUIRE(std::holds_alternative<event::secret_key>(loaded));
  CHECK(std::get<event::secret_key>(loaded).bytes().size() == 64);
  CHECK(event::key_warning(std::get<event::secret_key>(loaded), "the key").empty());
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("seal.key")}).code == exit_ok);
  const auto opened = folder.unseal(folder.error_record("{\"ip\":\"203.0.113.7\"}") + "\n");
  CHECK(opened.code == exit_ok);
  CHECK(opened.output == "{\"ip\":\"203.0.113.7\"}\n");
}

TEST_CASE("unseal opens lines of watch and bare values, and passes what is not sealed") {
  const seal_folder folder;
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("seal.key")}).code == exit_ok);
  const std::string watched = R"({"topic":"e","partition":0,"offset":1,"origin":"logins/0/5",)"
                              R"("value":)" +
                              folder.error_record("a\nb") + "}\n";
  const std::string bare = folder.error_record("\xff") + "\n";
  const std::string open =
      R"({"user_id":"u","reason":"missing_fields","message_content":{"sealed":"x","ip":"y"}})"
      "\n";
  const auto text = folder.unseal(watched + "\n" + bare + open);
  CHECK(text.code == exit_ok);
  CHECK(text.output == "a\nb\n\xff\n");
  CHECK(text.error.find("2 opened, 1 without a sealed content") != std::string::npos);
  const auto json = folder.unseal(watched + bare, {"--json"});
  CHECK(json.output == R"({"origin":"logins/0/5","reason":"invalid_json","value":"a\nb"})"
                       "\n"
                       R"({"reason":"invalid_json","value_base64":"/w=="})"
                       "\n");
}

TEST_CASE("what does not open is told in one line each, and the rest is opened") {
  const seal_folder folder;
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("seal.key")}).code == exit_ok);
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("other.key")}).code == exit_ok);
  std::string changed = folder.error_record("secret");
  const auto at = changed.find("\"sealed\":\"") + 80;
  changed[at] = changed[at] == 'A' ? 'B' : 'A';
  const auto out = folder.unseal(folder.error_record("x", "other.key.pub") + "\n" + changed +
                                 "\nno record\n" + folder.error_record("whole"));
  CHECK(out.code == exit_failed);
  CHECK(out.output == "whole\n");
  CHECK(out.error.find("line 1 is sealed for the key \"") != std::string::npos);
  CHECK(out.error.find("line 2 does not open: it was changed") != std::string::npos);
  CHECK(out.error.find("line 3 is no error record") != std::string::npos);
  CHECK(out.error.find("1 opened, 3 not opened") != std::string::npos);
}

TEST_CASE("a key that cannot be used is one line, and nothing is read") {
  const seal_folder folder;
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("seal.key")}).code == exit_ok);
  const auto told = [&folder](const std::string& file) {
    const auto out = seal_folder::run({"unseal", "--key", folder.in(file)});
    CHECK(out.code == exit_configuration);
    CHECK(std::ranges::count(out.error, '\n') == 1);
    return out.error;
  };
  CHECK(told("nothing").find("No such file") != std::string::npos);
  CHECK(told("seal.key.pub").find("holds the public key of the pair") != std::string::npos);
  REQUIRE(seal_folder::run({"keygen", "hmac", folder.in("hmac.key")}).code == exit_ok);
  CHECK(told("hmac.key").find("was not made by `turnstile keygen seal`") != std::string::npos);
  ::chmod(folder.in("seal.key").c_str(), 0644);
  CHECK(told("seal.key").find("is open to others") != std::string::npos);
  std::ofstream(folder.in("short")) << "seal-secret:abc";
  ::chmod(folder.in("short").c_str(), 0600);
  CHECK(told("short").find("must hold 32 bytes, or as many in hex") != std::string::npos);
}

TEST_CASE("a secret key, or none of a pair, is refused where contents are to be sealed for it") {
  const seal_folder folder;
  REQUIRE(seal_folder::run({"keygen", "seal", folder.in("seal.key")}).code == exit_ok);
  core::settings settings;
  settings.errors.content = core::error_content::sealed;
  settings.errors.seal_key_file = folder.in("seal.key");
  const auto loaded = event::load_seal_key(settings);
  REQUIRE(std::holds_alternative<std::string>(loaded));
  CHECK(std::get<std::string>(loaded).find("seal-secret, not seal-public") != std::string::npos);
  REQUIRE(seal_folder::run({"keygen", "hmac", folder.in("hmac.key")}).code == exit_ok);
  settings.errors.seal_key_file = folder.in("hmac.key");
  const auto none = event::load_seal_key(settings);
  REQUIRE(std::holds_alternative<std::string>(none));
  CHECK(std::get<std::string>(none).find("was not made by") != std::string::npos);
}

}  // namespace turnstile::app
