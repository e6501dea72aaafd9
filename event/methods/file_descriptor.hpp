// An open file that is closed with its owner.
//
// Owned by one function at a time; any thread.
#pragma once

#include <unistd.h>

namespace turnstile::event {

class file_descriptor {
public:
  /// -1: it could not be opened.
  explicit file_descriptor(int fd) : fd_(fd) {}
  ~file_descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

}  // namespace turnstile::event
