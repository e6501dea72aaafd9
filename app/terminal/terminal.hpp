// What people see: colours, a progress line that is redrawn, numbers with separators.
//
// Used by the commands on their own thread. GUARANTEES: where a stream is no terminal (or NO_COLOR
// is set, for colours), nothing but plain text goes to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace turnstile::app {

[[nodiscard]] bool is_terminal(std::FILE* stream);

/// Columns of the terminal, or 100.
[[nodiscard]] std::size_t terminal_width(std::FILE* stream);

/// 20,000
[[nodiscard]] std::string grouped(std::uint64_t number);

enum class colour : std::uint8_t { none, dim, bold, red, green, yellow, cyan };

/// Paints for one stream, or leaves text as it is.
class painter {
public:
  explicit painter(std::FILE* stream);

  [[nodiscard]] std::string operator()(colour c, std::string_view text) const;

private:
  bool paints_;
};

/// One line that is drawn again in its place, at most ten times a second. Nothing where `stream` is
/// no terminal.
class progress_line {
public:
  explicit progress_line(std::FILE* stream);
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// True where it is time to draw; then `draw` does.
  [[nodiscard]] bool due() const;
  void draw(std::string_view text);

  /// Takes the line away.
  void clear();

private:
  std::FILE* stream_;
  bool shown_ = false;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

/// `turnstile: text` as one line on standard error.
void complain(const std::string& text);

/// `label  ██████······  12,000 of 20,000  15,300/s`, less than `width` columns.
[[nodiscard]] std::string progress_text(std::string_view label, std::uint64_t done,
                                        std::uint64_t total, double seconds, std::size_t width);

}  // namespace turnstile::app
