#include "app/terminal/standard_streams.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "app/cli.hpp"
#include "captured.hpp"
#include "core/exit_codes.hpp"
#include "noted_commands.hpp"

namespace turnstile::app {

namespace {

struct outcome {
  int code = 0;
  std::string error;
};

/// Runs with `descriptor` as standard output, which it closes.
outcome run_into(int descriptor, std::vector<std::string> arguments) {
  outcome out;
  const int saved = ::dup(STDOUT_FILENO);
  out.error = captured(STDERR_FILENO, [&] {
    ::dup2(descriptor, STDOUT_FILENO);
    out.code = run_command_line(noted_commands(), std::move(arguments), {});
    __fpurge(stdout);
    std::clearerr(stdout);
    ::dup2(saved, STDOUT_FILENO);
  });
  ::close(saved);
  ::close(descriptor);
  return out;
}

int full_disk() { return ::open("/dev/full", O_WRONLY); }

int left_by_its_reader() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  return ends[1];
}

}  // namespace

TEST_CASE("output that cannot be written ends a command with one line and code 74") {
  // The reference is far larger than what stdio holds back, the version far smaller.
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"version"},
                                             {"--help"},
                                             {"check"},
                                             {"check", "--json"},
                                             {"check", "--print-reference"}}) {
    CAPTURE(arguments.back());
    const auto done = run_into(full_disk(), arguments);
    CHECK(done.code == exit_output);
    CHECK(done.error == "turnstile: cannot write to standard output: No space left on device\n");
  }
}

TEST_CASE("a descriptor that is closed, or only to be read, is output that cannot be written") {
  const auto done = run_into(::open("/dev/null", O_RDONLY), {"version"});
  CHECK(done.code == exit_output);
  CHECK(done.error == "turnstile: cannot write to standard output: Bad file descriptor\n");
}

TEST_CASE("a reader that has left is no error, whatever the size of the output") {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto* page : {"--print-example", "--print-reference"}) {
    const auto done = run_into(left_by_its_reader(), {"check", page});
    CHECK(done.code == exit_ok);
    CHECK(done.error.empty());
  }
  std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("a command that prints nothing does not mind where it could not print") {
  const auto done = run_into(full_disk(), {"run", "--nope"});
  CHECK(done.code == exit_usage);
}

}  // namespace turnstile::app
