#include "app/terminal/redrawn_block.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>

#include "app/terminal/terminal.hpp"

namespace turnstile::app {

bool can_redraw(std::FILE* stream) {
  const char* term = std::getenv("TERM");
  return is_terminal(stream) && (term == nullptr || std::string_view{term} != "dumb");
}

void redrawn_block::draw(const std::vector<std::string>& lines) {
  // Up to where the block began, and nothing is left of it: the last one may have been longer.
  if (drawn_ > 0) std::fprintf(stream_, "\x1b[%zuA\r\x1b[J", drawn_);
  for (const auto& line : lines) std::fprintf(stream_, "%s\n", line.c_str());
  std::fflush(stream_);
  drawn_ = lines.size();
}

std::size_t redrawn_block::height() const {
  constexpr std::size_t standard = 24;
  winsize size{};
  const bool told = ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
  // The cursor stands on a line of its own.
  return std::max<std::size_t>(2, told ? size.ws_row : standard) - 1;
}

}  // namespace turnstile::app
