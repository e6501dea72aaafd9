// What is wrong with a number or a string that RapidJSON lets pass.
//
// Pure functions, any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnstile::event {

/// The power of ten of a number's first digit that is not 0; saturates far outside of a double's.
inline std::int64_t magnitude_of(std::string_view number) {
  if (number.front() == '-') number.remove_prefix(1);
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<std::int64_t>(std::min(digits.find_first_of("123456789"), e));
  std::int64_t exponent = 0;
  if (e < number.size()) {
    std::string_view text = number.substr(e + 1);
    const bool minus = text.front() == '-';
    if (minus || text.front() == '+') text.remove_prefix(1);
    constexpr std::int64_t far = std::int64_t{1} << 40;
    for (const char c : text) exponent = std::min(exponent * 10 + (c - '0'), far);
    if (minus) exponent = -exponent;
  }
  return exponent + (first < point ? point - first - 1 : point - first);
}

/// Of all that a number may hold only e and E have this bit.
inline bool has_exponent(std::string_view number) {
  for (const char c : number)
    if ((c & 0x40) != 0) return true;
  return false;
}

/// RapidJSON lets some pass, for example 9e308, as it does not convert numbers here.
inline bool beyond_double(std::string_view number) {
  if (number.size() < 300 && !has_exponent(number)) return false;
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  return result.ec == std::errc::result_out_of_range && magnitude_of(number) > 0;
}

/// An escape that is half of a surrogate pair is what decodes to 0xed 0xa0…0xbf: raw bytes of that
/// form were refused before. RapidJSON itself refuses only the first half without its second.
inline bool has_half_pair(std::string_view unescaped) {
  for (std::size_t at = unescaped.find('\xed'); at != std::string_view::npos;
       at = unescaped.find('\xed', at + 1))
    if (at + 1 < unescaped.size() && static_cast<unsigned char>(unescaped[at + 1]) >= 0xa0)
      return true;
  return false;
}

}  // namespace turnstile::event
