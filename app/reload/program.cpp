#include "app/reload/program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/reload/port_check.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace turnstile::app {

namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

/// Not one of ours: an older program refuses those that it does not know.
constexpr const char* counts_variable = "RELOADS_OF_TURNSTILE";

/// Of what a check says; the rest is read and dropped.
constexpr std::size_t said_bytes_max = 65'536;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> arguments_of_this_process() {
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  std::vector<std::string> out;
  for (std::string one; std::getline(file, one, '\0');) out.push_back(one);
  return out;
}

/// DONE,REFUSED; what else may stand there counts as nothing.
reload_counts take_counts() {
  const char* const value = std::getenv(counts_variable);
  const std::string_view text = value == nullptr ? "" : value;
  reload_counts out;
  const auto* const end = text.data() + text.size();
  const auto done = std::from_chars(text.data(), end, out.done);
  if (done.ptr != end) std::from_chars(done.ptr + 1, end, out.refused);
  ::unsetenv(counts_variable);
  return out;
}

/// As the shell found it.
fs::path found(const std::string& name) {
  std::error_code none;
  if (name.find('/') != std::string::npos) return fs::absolute(name, none);
  const char* const path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "" : path;
  while (!left.empty()) {
    const auto folder = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), folder.size() + 1));
    const fs::path candidate = fs::absolute(fs::path{folder.empty() ? "." : folder} / name, none);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

std::set<int> open_files() {
  std::set<int> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{"/proc/self/fd", none}) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    // That of the listing itself is among them, and closed by now.
    if (fd > STDERR_FILENO && ::fcntl(fd, F_GETFD) >= 0) out.insert(fd);
  }
  return out;
}

/// `turnstile: TEXT` is a fault; other lines, a loader's say, tell why there is no verdict.
std::vector<std::string> lines_of(std::string_view said) {
  std::vector<std::string> out;
  while (!said.empty()) {
    auto line = said.substr(0, said.find('\n'));
    said.remove_prefix(std::min(said.size(), line.size() + 1));
    constexpr std::string_view prefix = "turnstile: ";
    if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
    if (!line.empty()) out.push_back(core::printable(line));
  }
  return out;
}

class child {
public:
  /// `variable`: over the environment of this process.
  child(const std::string& path, std::vector<std::string> arguments, std::string variable) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      error_ = errno;
      return;
    }
    said_from_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // Our stop signals are blocked, and SIGPIPE is ignored: not so in another program.
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> variables{variable.data()};
    for (char** one = environ; *one != nullptr; ++one) variables.push_back(*one);
    variables.push_back(nullptr);
    error_ = ::posix_spawn(&pid_, path.c_str(), &actions, &attributes, pointers(arguments).data(),
                           variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }
  ~child() {
    if (said_from_ >= 0) ::close(said_from_);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  [[nodiscard]] int error() const { return error_; }

  /// All that it says until it ends. Nothing: it did not in time, and was killed.
  std::optional<std::string> listen(clock::time_point until) {
    std::string said;
    std::array<char, 4096> piece{};
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
      pollfd ready{.fd = said_from_, .events = POLLIN, .revents = 0};
      const int n = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
      if (n == 0) {
        ::kill(pid_, SIGKILL);
        static_cast<void>(status());
        return {};
      }
      const auto got = ::read(said_from_, piece.data(), piece.size());
      if (got == 0) return said;
      if (got > 0 && said.size() < said_bytes_max)
        said.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

  /// Waits for its end.
  [[nodiscard]] int status() const {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

private:
  int said_from_ = -1;
  pid_t pid_ = -1;
  int error_ = 0;
};

}  // namespace

program program::of_this_process() {
  auto arguments = arguments_of_this_process();
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  fs::path path = arguments.empty() ? fs::path{} : found(arguments.front());
  // By its name, so that a link to the version of the day is followed again; unless that name is
  // only what somebody called it.
  if (path.empty() || !fs::equivalent(path, self, none)) path = self;
  program out{path, std::move(arguments)};
  out.counts_ = take_counts();
  out.inherited_ = open_files();
  return out;
}

std::vector<std::string> program::faults(const std::string& listens_at,
                                         std::chrono::milliseconds time_max) const {
  auto arguments = arguments_;
  // Options stand behind the command only, see app/cli.cpp.
  if (arguments.size() < 2) return {"its own command line is not known"};
  arguments[1] = "check";
  child check{path_, std::move(arguments), std::string(listening_variable) + "=" + listens_at};
  if (check.error() != 0) return {path_ + " cannot be run: " + std::strerror(check.error())};
  const auto said = check.listen(clock::now() + time_max);
  if (!said) return {"the check took more than " + std::to_string(time_max.count()) + " ms"};
  const int status = check.status();
  if (WIFEXITED(status) && WEXITSTATUS(status) == exit_ok) return {};
  auto faults = lines_of(*said);
  if (faults.empty())
    faults.push_back(path_ + (WIFEXITED(status)
                                  ? " ended with " + std::to_string(WEXITSTATUS(status))
                                  : " was ended by signal " + std::to_string(WTERMSIG(status))));
  return faults;
}

void program::close_on_execute() const {
  for (const int fd : open_files()) {
    if (inherited_.contains(fd)) continue;
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0) ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
  }
}

std::string program::execute(const reload_counts& counts) const {
  close_on_execute();
  const std::string told = std::to_string(counts.done) + "," + std::to_string(counts.refused);
  ::setenv(counts_variable, told.c_str(), 1);
  auto arguments = arguments_;
  const auto argv = pointers(arguments);
  ::execve(path_.c_str(), argv.data(), environ);
  const std::string why = path_ + ": " + std::strerror(errno);
  // The program that runs now, where its file is gone or broken.
  ::execve("/proc/self/exe", argv.data(), environ);
  return why;
}

}  // namespace turnstile::app
