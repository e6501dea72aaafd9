#include "app/commands/value_commands.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli.hpp"
#include "captured.hpp"
#include "core/exit_codes.hpp"
#include "tests/support/key_folder.hpp"

namespace turnstile::app {

namespace {

struct outcome {
  int code = 0;
  std::string output;
  std::string error;
};

/// The key of docs/methods.md's example, and rules for it; gone at the end.
struct rules_folder {
  std::string path = (std::filesystem::temp_directory_path() / "turnstile-XXXXXX").string();

  rules_folder() {
    REQUIRE(::mkdtemp(path.data()));
    std::string key;
    for (char b = 0; b < 32; ++b) key += b;
    std::ofstream(path + "/key", std::ios::binary) << key;
    ::chmod((path + "/key").c_str(), 0600);
    std::ofstream(path + "/rules.toml")
        << "[privacy]\nhmac_key_file = \"" << path << "/key\"\n"
        << "[fields]\n"
           "\"client.ip\" = \"ipcrypt\"\n"
           "email = \"encrypt\"\n"
           "device_id = {method = \"pseudonym\", canonical = \"uuid\"}\n";
  }
  ~rules_folder() { std::filesystem::remove_all(path); }
  rules_folder(const rules_folder&) = delete;
  rules_folder& operator=(const rules_folder&) = delete;

  [[nodiscard]] outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1, {"-c", path + "/rules.toml"});
    outcome out;
    out.error = captured(STDERR_FILENO, [&] {
      out.output = captured(STDOUT_FILENO, [&] {
        out.code = run_command_line({pseudonym_command(), reveal_command()}, arguments, {});
      });
    });
    return out;
  }
};

}  // namespace

TEST_CASE("a value's pseudonym is that of its path's rule") {
  const rules_folder rules;
  const outcome ip = rules.run({"pseudonym", "ip", "203.0.113.7", "x"});
  CHECK(ip.code == exit_ok);
  CHECK(
      ip.output.starts_with("9df8158b5794e6e827f0d42e6fcc4669d49d681d2e048553a0925e6e0a7507a0\n"));
  CHECK(ip.output.size() == 2 * 65);
  const outcome uuid = rules.run({"pseudonym", "device_id", "B5372DB0C21E11E48DFCAA07A5B093DB",
                                  "b5372db0-c21e-11e4-8dfc-aa07a5b093db"});
  CHECK(uuid.output.substr(0, 65) == uuid.output.substr(65));
}

TEST_CASE("a value that has no pseudonym is not shown, and the exit code tells") {
  const rules_folder rules;
  const outcome none = rules.run({"pseudonym", "device_id", "serial-7"});
  CHECK(none.code == exit_failed);
  CHECK(none.output == "\n");
  CHECK(none.error.find("value 1 ") != std::string::npos);
  CHECK(none.error.find("serial-7") == std::string::npos);
}

TEST_CASE("what a key can open is revealed as a JSON token, and null is what it cannot") {
  const rules_folder rules;
  const outcome ip =
      rules.run({"reveal", "client.ip", "efc7:81ad:9d56:80db:54a:7789:4d03:59cf", "unknown"});
  CHECK(ip.code == exit_failed);
  CHECK(ip.output == "\"203.0.113.7\"\nnull\n");
  const outcome other =
      rules.run({"reveal", "email", "c26a406d.Onja5lSWKkirUGuI55CpFPQPPEn-GC8RHBIBoCo"});
  CHECK(other.output == "null\n");
}

TEST_CASE("under a folder of keys a value has a pseudonym for each, named by its key") {
  const rules_folder rules;
  const tests::key_folder ring;
  ring.put_key("2024", "old");
  ring.put_key("2025", "new");
  ring.activate("2025");
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"pseudonym", "--key-dir", ring.path});
    return rules.run(more);
  };
  const outcome all = ask({"ip", "203.0.113.7"});
  CHECK(all.code == exit_ok);
  CHECK(all.output.starts_with("2025\t"));
  CHECK(all.output.substr(5 + 64, 6) == "\n2024\t");
  CHECK(all.output.size() == 2 * 70);
  const outcome one = ask({"--key", "2024", "ip", "203.0.113.7"});
  CHECK(one.output == all.output.substr(75));
  const outcome none = ask({"--key", "2023", "ip", "203.0.113.7"});
  CHECK(none.code == exit_configuration);
  CHECK(none.error.find("--key: there is no key \"2023\", there are: 2025, 2024") !=
        std::string::npos);
  const outcome unfit = ask({"device_id", "serial-7"});
  CHECK(unfit.output == "\n");
  CHECK(unfit.code == exit_failed);
}

TEST_CASE("an address that every key opens is revealed as a line for each") {
  const rules_folder rules;
  const tests::key_folder ring;
  std::filesystem::copy_file(rules.path + "/key", ring.path + "/2024.key");
  ring.put_key("2025", "new");
  ring.activate("2025");
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"reveal", "--key-dir", ring.path});
    return rules.run(more);
  };
  const std::string address = "efc7:81ad:9d56:80db:54a:7789:4d03:59cf";
  const outcome all = ask({"client.ip", address});
  CHECK(all.output.starts_with("2025\t\""));
  CHECK(all.output.ends_with("\n2024\t\"203.0.113.7\"\n"));
  CHECK(ask({"--key", "2024", "client.ip", address}).output == "\"203.0.113.7\"\n");
}

TEST_CASE("a folder that cannot be used is told by the argument that names it") {
  const rules_folder rules;
  const outcome refused = rules.run({"pseudonym", "--key-dir", "/nowhere", "ip", "::1"});
  CHECK(refused.code == exit_configuration);
  CHECK(refused.error.find("--key-dir: key folder /nowhere: No such file or directory") !=
        std::string::npos);
}

TEST_CASE("a path without such a rule is refused") {
  const rules_folder rules;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"reveal", "ip", "x"},
                                                    {"pseudonym", "email", "x"},
                                                    {"reveal", "nothing", "x"},
                                                    {"pseudonym", "a..b", "x"}}) {
    const outcome refused = rules.run(arguments);
    CHECK(refused.code == exit_configuration);
    CHECK(refused.output.empty());
    CHECK(refused.error.find(arguments[1]) != std::string::npos);
  }
}

TEST_CASE("who asks of another method is told which it is, and which paths do") {
  const rules_folder rules;
  CHECK(rules.run({"pseudonym", "email", "x"}).error ==
        "turnstile: the rule of \"email\" has the method encrypt, not pseudonym; paths with "
        "pseudonyms: \"ip\", \"device_id\"\n");
  CHECK(rules.run({"pseudonym", "mail", "x"}).error ==
        "turnstile: no rule names the path \"mail\"; paths with pseudonyms: \"ip\", "
        "\"device_id\"\n");
  CHECK(rules.run({"reveal", "ip", "x"}).error ==
        "turnstile: the rule of \"ip\" has the method pseudonym, which cannot be undone; paths "
        "that can be undone: \"client.ip\", \"email\"\n");
  const outcome none = rules.run(
      {"reveal", "--set", "fields.email=drop", "--set", "fields.\"client.ip\"=drop", "ip", "x"});
  CHECK(none.error.ends_with("; paths that can be undone: none\n"));
}

}  // namespace turnstile::app
