#include "app/statement/whole_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace turnstile::app {

bool write_whole_file(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  std::FILE* to = std::fopen(fresh.c_str(), "w");
  if (to == nullptr) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), to) == text.size() &&
                       std::fflush(to) == 0 && fsync(fileno(to)) == 0;
  return std::fclose(to) == 0 && written && std::rename(fresh.c_str(), file.c_str()) == 0;
}

std::optional<std::string> read_whole_file(const std::string& file, std::size_t bytes_max) {
  std::error_code error;
  // A pipe would be waited for without end.
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > bytes_max) return std::nullopt;
  std::ifstream in{file, std::ios::binary};
  std::string text(size, '\0');
  if (!in || !in.read(text.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return text;
}

}  // namespace turnstile::app
