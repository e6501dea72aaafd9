#include "app/terminal/standard_streams.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"

namespace turnstile::app {

namespace {

/// Why standard output has not taken everything; 0: it has.
int write_error() {
  errno = 0;
  if (std::fflush(stdout) != 0) return errno;
  if (std::ferror(stdout) == 0) return 0;
  // An earlier write failed, and stdio has thrown away what and why. A line end tells why again.
  return ::write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
}

}  // namespace

void reserve_standard_descriptors() {
  // For reading, so that what is written there fails as it does on a closed one.
  while (true) {
    const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (opened < 0) return;
    if (opened > STDERR_FILENO) {
      ::close(opened);
      return;
    }
  }
}

bool output_is_written() { return write_error() == 0; }

int exit_code_after_output(int exit_code) {
  const int error = write_error();
  if (error == 0 || error == EPIPE) return exit_code;
  complain(std::string{"cannot write to standard output: "} + std::strerror(error));
  return exit_output;
}

}  // namespace turnstile::app
