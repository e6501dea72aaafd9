// The files that are made from the table of options are up to date, and the example works.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "app/commands/run_command.hpp"
#include "config/config.hpp"
#include "config/option/choice_hints.hpp"
#include "config/options.hpp"
#include "config/options_reference.hpp"
#include "kafka_io/client/defaults_reference.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::core {

namespace {

const std::string root = TURNSTILE_SOURCE_DIR;

std::string content(const std::string& path) {
  std::ifstream in(root + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("CONFIGURATION.md is what `turnstile check --print-reference` prints") {
  const bool same =
      content("CONFIGURATION.md") == reference_page() + kafka_io::defaults_reference();
  CHECK(same);
}

TEST_CASE("the reference shows what a user may change of our defaults, and nothing else") {
  const std::string page = kafka_io::defaults_reference();
  CHECK(page.find("| `fetch.min.bytes` | consumer | `20000` |") != std::string::npos);
  CHECK(page.find("| `fetch.max.bytes` | consumer | derived | `memory.budget_mib`") !=
        std::string::npos);
  CHECK(page.find("| `batch.size` | producer |") != std::string::npos);
  CHECK(page.find("| `client.id` | both |") != std::string::npos);
  CHECK(page.find("linger.ms") == std::string::npos);
}

TEST_CASE("each file of presets/ is told to who gives its name as the preset") {
  for (const auto& file : std::filesystem::directory_iterator(root + "/presets")) {
    if (file.path().extension() != ".toml") continue;
    const std::string name = file.path().stem();
    CHECK(preset_hint(name).starts_with("the rules of " + name + " are a file"));
  }
}

TEST_CASE("the example configuration is what `turnstile check --print-example` prints") {
  const bool same = content("deploy/turnstile.example.toml") == example_file();
  CHECK(same);
}

TEST_CASE("the example configuration loads, names every option and changes no default") {
  const auto loaded = load_config({.files = {root + "/deploy/turnstile.example.toml"},
                                   .check_property = kafka_io::library_fault});
  CHECK(loaded.faults == std::vector<std::string>{});
  for (const auto& option : option_table()) {
    CAPTURE(option.name);
    CHECK(loaded.origins.contains(option.name));
    CHECK(option.get(loaded.values) == option.standard);
  }
}

TEST_CASE("the properties that the example shows in comments are accepted") {
  std::istringstream example(example_file());
  int shown = 0;
  bool of_kafka = false;
  for (std::string line; std::getline(example, line);) {
    if (line.starts_with("[")) of_kafka = line.starts_with("[kafka");
    if (!of_kafka) continue;
    if (!line.starts_with("# \"") || line.find("better in the environment") != std::string::npos)
      continue;
    const auto name_end = line.find('"', 3);
    const std::string name = line.substr(3, name_end - 3);
    std::string value = line.substr(line.find("= ") + 2);
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    CAPTURE(line);
    CHECK(kafka_io::library_fault(name, value).empty());
    ++shown;
  }
  CHECK(shown >= 6);
}

TEST_CASE("the help of the worker names every option and its default") {
  const std::string help = app::option_list();
  for (const auto& option : option_table()) {
    CAPTURE(option.name);
    CHECK(help.find(std::string(option.name) + " = " + to_toml(option.standard)) !=
          std::string::npos);
  }
}

}  // namespace turnstile::core
