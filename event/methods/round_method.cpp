// The method `round`: a number rounded down to a multiple of another, exact as decimal digits are.

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "core/json_text.hpp"
#include "event/methods/partial_method.hpp"
#include "event/methods/value_methods.hpp"

namespace turnstile::event {

namespace {

class round_method final : public partial_method {
public:
  round_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : partial_method(rule, path, keys) {
    std::array<char, 32> text;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), rule.to,
                                          std::chars_format::scientific)
                                .ptr;
    core::decimal_reader to({text.data(), end});
    for (unit_ = to.point(); !to.rest_is_zero(); --unit_) factor_ = factor_ * 10 + to.next();
  }

private:
  /// Before the point and behind it, with a digit more that may carry.
  static constexpr std::size_t places = static_cast<std::size_t>(round_digits_max) + 32;
  using digits = std::array<std::uint8_t, places>;

  [[nodiscard]] std::size_t result_bytes_max(std::size_t) const override {
    return 2 + places;  // Sign and point.
  }

  [[nodiscard]] char* write(char* to, const json_value& value) const override {
    if (value.kind != core::json_kind::number) return nullptr;
    core::decimal_reader number(value.token);
    if (number.is_zero()) return core::write_bytes(to, "0");
    if (number.point() > round_digits_max) return nullptr;
    // In units, rounded to zero.
    digits units{};
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(number.point() - unit_, 0));
    std::uint64_t left = 0;
    for (std::size_t i = places - count; i < places; ++i) {
      units[i] = number.next();
      left = (left * 10 + units[i]) % factor_;
    }
    subtract(units, left);
    if (number.negative() && (left != 0 || !number.rest_is_zero())) add(units, factor_);
    return write_units(to, units, number.negative());
  }

  static void subtract(digits& from, std::uint64_t number) {
    std::uint64_t borrow = 0;
    for (std::size_t i = places; i-- > 0 && (number > 0 || borrow > 0); number /= 10) {
      const std::uint64_t take = number % 10 + borrow;
      borrow = from[i] < take ? 1 : 0;
      from[i] = static_cast<std::uint8_t>(from[i] + 10 * borrow - take);
    }
  }

  static void add(digits& to, std::uint64_t number) {
    for (std::size_t i = places; i-- > 0 && number > 0; number /= 10) {
      number += to[i];
      to[i] = static_cast<std::uint8_t>(number % 10);
    }
  }

  [[nodiscard]] char* write_units(char* to, const digits& units, bool negative) const {
    const auto behind_point = static_cast<std::size_t>(std::max<std::int64_t>(-unit_, 0));
    const std::size_t point = places - behind_point;
    std::size_t begin = 0;
    while (begin + 1 < point && units[begin] == 0) ++begin;
    std::size_t end = places;
    while (end > point && units[end - 1] == 0) --end;
    const bool is_zero = end == point && begin + 1 == point && units[begin] == 0;
    if (negative && !is_zero) *to++ = '-';
    for (std::size_t i = begin; i < end; ++i) {
      if (i == point) *to++ = '.';
      *to++ = static_cast<char>('0' + units[i]);
    }
    for (std::int64_t i = 0; i < unit_ && !is_zero; ++i) *to++ = '0';
    return to;
  }

  /// `to` is `factor_` × 10^`unit_`.
  std::uint64_t factor_ = 0;
  std::int64_t unit_ = 0;
};

}  // namespace

std::unique_ptr<const field_method> make_round_method(const core::method_rule& rule,
                                                      std::string_view path,
                                                      const method_keys& keys) {
  return std::make_unique<round_method>(rule, path, keys);
}

}  // namespace turnstile::event
