// Lines on a terminal that are drawn again in their place.
//
// Used by one command on its own thread. REQUIRES: no line is wider than the terminal; nothing else
// is written to it meanwhile.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace turnstile::app {

/// Whether `stream` is a terminal on which the cursor can be moved.
[[nodiscard]] bool can_redraw(std::FILE* stream);

class redrawn_block {
public:
  explicit redrawn_block(std::FILE* stream) : stream_(stream) {}

  void draw(const std::vector<std::string>& lines);

  /// How many lines there is room for.
  [[nodiscard]] std::size_t height() const;

private:
  std::FILE* stream_;
  std::size_t drawn_ = 0;
};

}  // namespace turnstile::app
