#include "app/terminal/text_width.hpp"

#include <algorithm>

namespace turnstile::app {

namespace {

struct character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0xc0) return {};
  const std::size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // From Hangul on, U+1100; what is narrow beyond it only wastes a column.
  constexpr unsigned char hangul = 0xe1;
  // General punctuation, arrows, boxes: … and █.
  const bool narrow = lead == 0xe2;
  return {std::min(bytes, text.size()), lead >= hangul && !narrow ? std::size_t{2} : 1};
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) {
    const auto next = first_of(text);
    sum += next.columns;
    text.remove_prefix(next.bytes);
  }
  return sum;
}

std::string fitted(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string{text};
  if (width == 0) return {};
  std::size_t bytes = 0;
  std::size_t taken = 0;
  while (true) {
    const auto next = first_of(text.substr(bytes));
    if (taken + next.columns > width - 1) break;
    bytes += next.bytes;
    taken += next.columns;
  }
  return std::string{text.substr(0, bytes)} + "…";
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t taken = columns(text);
  if (taken < width) text.append(width - taken, ' ');
  return text;
}

}  // namespace turnstile::app
