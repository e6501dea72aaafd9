// The method `round`: a number rounded down to a multiple of another, exact as decimal digits are.

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "event/methods/partial_method.hpp"
#include "event/methods/value_methods.hpp"

namespace turnstile::event {

namespace {

/// A decimal number as JSON writes it: 0.DIGITS × 10^point, leading zeros and the point taken out.
class decimal_reader {
public:
  /// REQUIRES: a number by JSON's grammar.
  explicit decimal_reader(std::string_view token) {
    negative_ = token.front() == '-';
    token.remove_prefix(negative_ ? 1 : 0);
    const std::size_t end = std::min(token.find_first_of("eE"), token.size());
    if (end < token.size()) point_ = exponent_of(token.substr(end + 1));
    digits_ = token.substr(0, end);
    const std::size_t dot = std::min(digits_.find('.'), digits_.size());
    const std::size_t first = std::min(digits_.find_first_not_of("0."), digits_.size());
    is_zero_ = first == digits_.size();
    point_ += static_cast<std::int64_t>(dot) - static_cast<std::int64_t>(first);
    if (first > dot) ++point_;
    digits_.remove_prefix(first);
  }

  [[nodiscard]] bool negative() const { return negative_; }
  [[nodiscard]] bool is_zero() const { return is_zero_; }
  [[nodiscard]] std::int64_t point() const { return point_; }

  /// The next digit; zeros without end behind the last.
  std::uint64_t next() {
    if (digits_.starts_with('.')) digits_.remove_prefix(1);
    if (digits_.empty()) return 0;
    const char digit = digits_.front();
    digits_.remove_prefix(1);
    return static_cast<std::uint64_t>(digit - '0');
  }
  [[nodiscard]] bool rest_is_zero() const {
    return digits_.find_first_not_of("0.") == std::string_view::npos;
  }

private:
  /// Beyond what any number of digits could take back it makes no difference.
  static std::int64_t exponent_of(std::string_view text) {
    constexpr std::int64_t exponent_max = 1'000'000'000'000;
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    std::int64_t value = 0;
    for (const char c : text) value = std::min(value * 10 + (c - '0'), exponent_max);
    return negative ? -value : value;
  }

  bool negative_ = false;
  bool is_zero_ = false;
  std::int64_t point_ = 0;
  std::string_view digits_;
};

class round_method final : public partial_method {
public:
  round_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : partial_method(rule, path, keys) {
    std::array<char, 32> text;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), rule.to,
                                          std::chars_format::scientific)
                                .ptr;
    decimal_reader to({text.data(), end});
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
    decimal_reader number(value.token);
    if (number.is_zero()) return core::write_bytes(to, "0");
    if (number.point() > round_digits_max) return nullptr;
    // In units, rounded to zero.
    digits units{};
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(number.point() - unit_, 0));
    std::uint64_t left = 0;
    for (std::size_t i = places - count; i < places; ++i) {
      units[i] = static_cast<std::uint8_t>(number.next());
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
