#include "app/commands/version_command.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <caf/config.hpp>
#include <nettle/version.h>
#include <sodium.h>

#include "app/build_info.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/client/librdkafka.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Examples:\n"
    "  turnstile version\n"
    "  turnstile version --json | jq -r .librdkafka";

int print_versions(const version_args& args, const command_input& /*input*/) {
  const auto dotted = [](int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  };
  const std::array<std::pair<const char*, std::string>, 7> versions{{
      {"turnstile", TURNSTILE_VERSION},
      {"commit", TURNSTILE_COMMIT},
      {"caf", dotted(CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION)},
      {"librdkafka", kafka_io::library_version_text()},
      {"libsodium", sodium_version_string()},
      {"nettle",
       std::to_string(nettle_version_major()) + "." + std::to_string(nettle_version_minor())},
      {"boost", dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
  }};
  std::string json;
  for (const auto& [name, version] : versions) {
    core::append_item(json, core::quoted(name) + ":" + core::quoted(version), ",");
    if (!args.json) std::printf("%s %s\n", name, version.c_str());
  }
  const auto features = kafka_io::library_features();
  core::append_item(json, "\"librdkafka_features\":" + core::quoted(features), ",");
  if (!args.json) std::printf("librdkafka_features %s\n", features.c_str());
  if (args.json) std::printf("{%s}\n", json.c_str());
  return exit_ok;
}

void add_options(CLI::App& to, version_args& args) {
  to.add_flag("--json", args.json, "One JSON object instead of text");
}

}  // namespace

command_of<version_args> version_command() {
  return {.words = {.name = "version",
                    .about = "Versions of the program and its libraries",
                    .group = "Tools",
                    .footer = help_end},
          .add_options = add_options,
          .run = print_versions};
}

}  // namespace turnstile::app
