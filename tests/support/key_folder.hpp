// A folder for key files, as a user would make one.
//
// Owned by a test case; gone at its end.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace turnstile::tests {

struct key_folder {
  std::string path;

  key_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "turnstile-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~key_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  key_folder(const key_folder&) = delete;
  key_folder& operator=(const key_folder&) = delete;

  /// Its path.
  std::string put(std::string_view name, std::string_view content, mode_t mode = 0600) const {
    std::string file = path + "/" + std::string(name);
    std::ofstream(file, std::ios::binary) << content;
    ::chmod(file.c_str(), mode);
    return file;
  }
  /// A key of 64 characters, made of `seed`.
  void put_key(std::string_view id, std::string_view seed) const {
    std::string text;
    while (text.size() < 64) text.append(seed).append("0123456789abcdef");
    put(std::string(id) + ".key", text.substr(0, 64));
  }
  void activate(std::string_view id) const { put("active", std::string(id) + "\n"); }
  void remove(std::string_view name) const {
    std::filesystem::remove(path + "/" + std::string(name));
  }
};

}  // namespace turnstile::tests
