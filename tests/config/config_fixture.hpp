// Loads a configuration from a text, as from a file.
//
// For tests of one thread; header only.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "config/config.hpp"

namespace turnstile::core {

/// A configuration file that is gone after the test.
class temporary_file {
public:
  explicit temporary_file(std::string_view text)
    : path_(std::filesystem::temp_directory_path() /
            ("turnstile-config-test-" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

private:
  std::filesystem::path path_;
};

inline config load(std::string_view toml, std::vector<override_text> command_line = {},
                   std::vector<std::pair<std::string, std::string>> environment = {}) {
  const temporary_file file(toml);
  config out = load_config({.files = {file.path()},
                            .environment = std::move(environment),
                            .command_line = std::move(command_line)});
  // Shorter to compare with.
  for (auto& fault : out.faults)
    if (fault.starts_with(file.path())) fault.replace(0, file.path().size(), "FILE");
  return out;
}

using lines = std::vector<std::string>;

}  // namespace turnstile::core
