#include "app/terminal/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/terminal/text_width.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr std::chrono::milliseconds redraw_interval{100};
constexpr std::string_view line_start_and_erase = "\r\x1b[K";

bool colours_wanted() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (none == nullptr || *none == '\0') &&
         (term == nullptr || std::string_view{term} != "dumb");
}

std::string_view code_of(colour c) {
  switch (c) {
    case colour::none:
      return "";
    case colour::dim:
      return "\x1b[2m";
    case colour::bold:
      return "\x1b[1m";
    case colour::red:
      return "\x1b[31m";
    case colour::green:
      return "\x1b[32m";
    case colour::yellow:
      return "\x1b[33m";
    case colour::cyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  constexpr std::size_t standard = 100;
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return standard;
  return size.ws_col;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

painter::painter(std::FILE* stream) : paints_(is_terminal(stream) && colours_wanted()) {}

std::string painter::operator()(colour c, std::string_view text) const {
  if (!paints_ || c == colour::none || text.empty()) return std::string{text};
  std::string painted{code_of(c)};
  painted += text;
  return painted += "\x1b[0m";
}

progress_line::progress_line(std::FILE* stream)
  : stream_(stream), shown_(is_terminal(stream) && colours_wanted()) {}

progress_line::~progress_line() { clear(); }

bool progress_line::due() const { return shown_ && std::chrono::steady_clock::now() >= next_; }

void progress_line::draw(std::string_view text) {
  if (!shown_) return;
  next_ = std::chrono::steady_clock::now() + redraw_interval;
  drawn_ = true;
  std::fprintf(stream_, "%s%.*s", line_start_and_erase.data(), static_cast<int>(text.size()),
               text.data());
  std::fflush(stream_);
}

void progress_line::clear() {
  if (drawn_) std::fputs(line_start_and_erase.data(), stream_);
  std::fflush(stream_);
  drawn_ = false;
}

void complain(const std::string& text) {
  std::fprintf(stderr, "turnstile: %s\n", core::printable(text).c_str());
}

std::string progress_text(std::string_view label, std::uint64_t done, std::uint64_t total,
                          double seconds, std::size_t width) {
  constexpr std::size_t cells_min = 4;
  constexpr std::size_t cells_max = 24;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const std::string counts = grouped(done) + " of " + grouped(total);
  const std::string speed = "  " + grouped(static_cast<std::uint64_t>(rate)) + "/s";
  // A line that fills the last column would wrap on some terminals.
  const std::size_t taken = columns(label) + 2 + 2 + counts.size() + speed.size() + 1;
  const std::size_t cells = std::clamp(width - std::min(width, taken), cells_min, cells_max);
  const std::uint64_t filled =
      total == 0 ? cells : std::min(done, total) * cells / std::max<std::uint64_t>(total, 1);
  std::string text = std::string{label} + "  ";
  for (std::uint64_t cell = 0; cell < cells; ++cell) text += cell < filled ? "█" : "·";
  return fitted(text + "  " + counts + speed, std::max<std::size_t>(width, 2) - 1);
}

}  // namespace turnstile::app
