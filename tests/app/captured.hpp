// What a function writes to a file descriptor, for tests of printed output.
//
// One at a time, on one thread; the descriptor is put back when the capture ends.
#pragma once

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include <unistd.h>

namespace turnstile::app {

/// Through a pipe, because tests also limit what may be written to files.
[[nodiscard]] inline std::string captured(int descriptor, const std::function<void()>& work) {
  std::fflush(nullptr);
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const int saved = ::dup(descriptor);
  ::dup2(ends[1], descriptor);
  ::close(ends[1]);
  std::string text;
  std::thread reader([&text, from = ends[0]] {
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = ::read(from, piece.data(), piece.size())) > 0;)
      text.append(piece.data(), static_cast<std::size_t>(n));
  });
  const auto end = [&] {
    std::fflush(nullptr);
    ::dup2(saved, descriptor);
    ::close(saved);
    reader.join();
    ::close(ends[0]);
  };
  try {
    work();
  } catch (...) {
    end();
    throw;
  }
  end();
  return text;
}

}  // namespace turnstile::app
