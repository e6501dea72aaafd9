#include "app/logging/logging.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "captured.hpp"
#include "config/options.hpp"

namespace turnstile::app {

namespace {

namespace fs = std::filesystem;

/// A folder that is gone after the test.
class temporary_folder {
public:
  temporary_folder()
    : path_(fs::temp_directory_path() / ("turnstile-logging-test-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~temporary_folder() { fs::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  [[nodiscard]] fs::path path() const { return path_; }

private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

auto count_of(const std::string& text, std::string_view part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// What standard error shows of `work` while logging is installed.
template <typename Work>
std::string logged(const core::settings& settings, Work work) {
  return captured(STDERR_FILENO, [&] {
    const logging installed(settings);
    work();
  });
}

/// Makes writes beyond `bytes` of a file fail, as on a full disk.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("events at or above the level are on standard error when logging ends") {
  core::settings settings = core::default_settings();
  settings.log.level = core::severity::warning;
  const auto text = logged(settings, [] {
    core::log_info("too low");
    core::log_warning("partition lost", {{"partition", 3}});
    core::log_error("worse");
  });
  CHECK(count_of(text, "\n") == 2);
  CHECK(text.find("level=warning event=\"partition lost\" partition=3\n") != std::string::npos);
  CHECK(text.find("level=error event=worse\n") != std::string::npos);
}

TEST_CASE("the format is an option") {
  core::settings settings = core::default_settings();
  settings.log.format = core::log_format::json;
  const auto text = logged(settings, [] { core::log_info("e", {{"n", 1}}); });
  CHECK(text.starts_with("{\"ts\":\""));
  CHECK(text.ends_with(",\"level\":\"info\",\"event\":\"e\",\"n\":1}\n"));
}

TEST_CASE("nothing is written after logging has ended") {
  CHECK(captured(STDERR_FILENO, [] {
          { const logging installed(core::default_settings()); }
          core::log_error("late");
        }).empty());
}

TEST_CASE("lines of many threads stay whole") {
  constexpr int threads = 4;
  constexpr int lines = 200;
  const auto text = logged(core::default_settings(), [] {
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
      running.emplace_back([] {
        for (int i = 0; i < lines; ++i)
          core::log_info("line", {{"a", std::string(50, 'x')}, {"z", "end"}});
      });
    for (auto& thread : running) thread.join();
  });
  CHECK(count_of(text, "\n") == threads * lines);
  CHECK(count_of(text, std::string(50, 'x') + " z=end\n") == threads * lines);
}

TEST_CASE("the file gets the same lines, goes on where it ended, and its folder is made") {
  const temporary_folder folder;
  core::settings settings = core::default_settings();
  settings.log.file = (folder.path() / "new" / "worker.log").string();
  const auto first = logged(settings, [] { core::log_info("first"); });
  const auto second = logged(settings, [] { core::log_info("second"); });
  CHECK(content(settings.log.file) == first + second);
}

TEST_CASE("a full file is set aside, and only so many of those are kept") {
  const temporary_folder folder;
  core::settings settings = core::default_settings();
  settings.log.file = (folder.path() / "worker.log").string();
  settings.log.file_mib = 1;
  settings.log.files_max = 2;
  const std::string long_text(64 * 1024, 'x');
  for (int run = 0; run < 3; ++run)
    (void)logged(settings, [&] {
      for (int i = 0; i < 50; ++i) core::log_info("e", {{"run", run}, {"text", long_text}});
    });
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder.path())) files.push_back(entry.path());
  CHECK(files.size() == 3);
  CHECK(std::ranges::find(files, fs::path(settings.log.file)) != files.end());
  for (const auto& file : files) CHECK(fs::file_size(file) <= 1024 * 1024);
  CHECK(content(settings.log.file).find("run=2") != std::string::npos);
}

TEST_CASE("a file that cannot be written is told once and stops nothing") {
  const temporary_folder folder;
  std::ofstream(folder.path() / "no-folder") << "x";
  core::settings settings = core::default_settings();
  settings.log.file = (folder.path() / "no-folder" / "worker.log").string();
  const auto text = logged(settings, [] {
    for (int i = 0; i < 5; ++i) core::log_info("alive");
  });
  CHECK(count_of(text, "event=alive") == 5);
  CHECK(count_of(text, "level=warning event=\"log file cannot be written\" path=") == 1);
}

TEST_CASE("lines that nobody reads in time are dropped, and told is how many") {
  constexpr int lines = 20'000;  // More than a pipe and the queue hold.
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  std::string text;
  std::thread reader;
  {
    const logging installed(core::default_settings());
    for (int i = 0; i < lines; ++i) core::log_info("line", {{"text", std::string(100, 'x')}});
    reader = std::thread([&text, from = ends[0]] {
      std::array<char, 4096> piece{};
      for (ssize_t n = 0; (n = ::read(from, piece.data(), piece.size())) > 0;)
        text.append(piece.data(), static_cast<std::size_t>(n));
    });
  }
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  reader.join();
  ::close(ends[0]);
  const auto told = text.rfind("event=\"log lines were dropped\" since_start=");
  REQUIRE(told != std::string::npos);
  const int dropped = std::stoi(text.substr(text.find("since_start=", told) + 12));
  CHECK(dropped > 0);
  CHECK(count_of(text, "event=line") == lines - dropped);
}

TEST_CASE("a full disk is told once, and the file goes on when there is room again") {
  const temporary_folder folder;
  core::settings settings = core::default_settings();
  settings.log.file = (folder.path() / "worker.log").string();
  const auto text = logged(settings, [] {
    {
      const file_size_limit full(4096);
      for (int i = 0; i < 60; ++i) core::log_info("filling", {{"text", std::string(100, 'x')}});
      logging::flush();
    }
    core::log_info("after");
  });
  CHECK(count_of(text, "event=filling") == 60);
  CHECK(count_of(text, "event=after") == 1);
  CHECK(count_of(text, "event=\"log file cannot be written\"") == 1);
  const auto kept = content(settings.log.file);
  CHECK(count_of(kept, "event=filling") >= 20);
  CHECK(count_of(kept, "event=filling") < 60);
  CHECK(count_of(kept, "event=after") == 1);
}

}  // namespace turnstile::app
