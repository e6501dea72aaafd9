#include "app/trial/event_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

struct closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_ptr = std::unique_ptr<std::FILE, closer>;

std::string fault_of(const std::string& path, const char* what) {
  return core::printable(path) + ": " + what + ": " + std::strerror(errno);
}

file_bytes read_all(std::FILE* file, const std::string& path) {
  file_bytes out;
  std::string chunk(64 * 1024, '\0');
  while (const auto count = std::fread(chunk.data(), 1, chunk.size(), file)) {
    out.bytes.append(chunk, 0, count);
    if (out.bytes.size() > event_file_bytes_max)
      return {{}, core::printable(path) + ": is larger than 256 MiB"};
  }
  if (std::ferror(file) != 0) return {{}, fault_of(path, "cannot be read")};
  return out;
}

}  // namespace

file_bytes read_file(const std::string& path) {
  if (path == "-") return read_all(stdin, "standard input");
  const file_ptr file{std::fopen(path.c_str(), "rb")};
  if (!file) return {{}, fault_of(path, "cannot be read")};
  return read_all(file.get(), path);
}

std::string write_file(const std::string& path, const std::string& bytes) {
  file_ptr file{std::fopen(path.c_str(), "wb")};
  if (!file) return fault_of(path, "cannot be written");
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  if (std::fclose(file.release()) != 0 || !written) return fault_of(path, "cannot be written");
  return {};
}

golden_cases find_cases(const std::string& folder) {
  golden_cases out;
  std::error_code error;
  std::filesystem::directory_iterator files{folder, error};
  if (error) return {{}, core::printable(folder) + ": cannot be read: " + error.message()};
  for (; !error && files != std::filesystem::directory_iterator{}; files.increment(error)) {
    const std::string file = files->path().filename().string();
    for (const std::string_view end : {".in.json", ".in.bin"})
      if (file.size() > end.size() && file.ends_with(end))
        out.cases.push_back({file.substr(0, file.size() - end.size()), file});
  }
  if (error) out.fault = core::printable(folder) + ": cannot be read: " + error.message();
  if (out.cases.empty() && out.fault.empty())
    out.fault = core::printable(folder) + ": holds no NAME.in.json and no NAME.in.bin";
  std::ranges::sort(out.cases, {}, &golden_case::input);
  const auto twice = std::ranges::adjacent_find(out.cases, {}, &golden_case::name);
  if (twice != out.cases.end())
    out.fault =
        core::printable(folder) + ": holds two inputs named " + core::printable(twice->name);
  return out;
}

}  // namespace turnstile::app
