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

/// Of the files that stand beside an input.
constexpr std::array companion_endings{outcome_endings[0], outcome_endings[1], outcome_endings[2],
                                       record_input_ending, record_outcome_ending};

/// Keeps of `files` those that belong to no case.
std::vector<std::string> without_input(std::vector<std::string> files,
                                       const std::vector<golden_case>& cases) {
  std::erase_if(files, [&cases](const std::string& file) {
    return std::ranges::any_of(cases, [&file](const golden_case& one) {
      return std::ranges::any_of(companion_endings, [&](std::string_view end) {
        return file == one.name + std::string(end);
      });
    });
  });
  std::ranges::sort(files);
  return files;
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
  std::vector<std::string> companions;
  std::error_code error;
  std::filesystem::directory_iterator files{folder, error};
  if (error) {
    out.fault = core::printable(folder) + ": cannot be read: " + error.message();
    return out;
  }
  for (; !error && files != std::filesystem::directory_iterator{}; files.increment(error)) {
    const std::string file = files->path().filename().string();
    for (const std::string_view end : {".in.json", ".in.bin"})
      if (file.size() > end.size() && file.ends_with(end))
        out.cases.push_back({file.substr(0, file.size() - end.size()), file});
    for (const std::string_view end : companion_endings)
      if (file.size() > end.size() && file.ends_with(end)) companions.push_back(file);
  }
  if (error) out.fault = core::printable(folder) + ": cannot be read: " + error.message();
  out.without_input = without_input(std::move(companions), out.cases);
  if (out.cases.empty() && out.without_input.empty() && out.fault.empty())
    out.fault = core::printable(folder) + ": holds no NAME.in.json and no NAME.in.bin";
  std::ranges::sort(out.cases, {}, &golden_case::input);
  const auto twice = std::ranges::adjacent_find(out.cases, {}, &golden_case::name);
  if (twice != out.cases.end())
    out.fault =
        core::printable(folder) + ": holds two inputs named " + core::printable(twice->name);
  return out;
}

}  // namespace turnstile::app
