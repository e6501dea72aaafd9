// A second, naive reader of JSON, to hold the real one against: RFC 8259, recursive, no trimmings.
//
// Used by property tests on the test's thread. Knows the grammar only: not depth, duplicates,
// encodings or the range of numbers. A lone half of a surrogate pair is an error.
#pragma once

#include <cctype>
#include <string_view>

namespace turnstile::tests {

class json_reference {
public:
  static bool accepts(std::string_view text) {
    json_reference in(text);
    return in.value() && in.blanks() && in.left_.empty();
  }

private:
  explicit json_reference(std::string_view text) : left_(text) {}

  bool blanks() {
    while (!left_.empty() && std::string_view(" \t\n\r").find(left_[0]) != left_.npos) skip(1);
    return true;
  }
  void skip(std::size_t n) { left_.remove_prefix(n); }
  bool take(std::string_view token) {
    if (!left_.starts_with(token)) return false;
    skip(token.size());
    return true;
  }
  bool value() {
    blanks();
    if (left_.empty()) return false;
    if (left_[0] == '{') return members('{', '}');
    if (left_[0] == '[') return members('[', ']');
    if (left_[0] == '"') return string();
    return take("true") || take("false") || take("null") || number();
  }
  bool members(char open, char close) {
    skip(1);
    blanks();
    if (take({&close, 1})) return true;
    do {
      blanks();
      if (open == '{' && !(string() && blanks() && take(":"))) return false;
      if (!value()) return false;
      blanks();
    } while (take(","));
    return take({&close, 1});
  }
  bool digits() {
    if (left_.empty() || !is_digit(left_[0])) return false;
    while (!left_.empty() && is_digit(left_[0])) skip(1);
    return true;
  }
  bool number() {
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) {
      static_cast<void>(take("+") || take("-"));
      return digits();
    }
    return true;
  }
  /// Of a \u escape; -1: not four hex digits.
  int hex4() {
    int unit = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      if (left_.empty() || !std::isxdigit(static_cast<unsigned char>(left_[0]))) return -1;
      const char c = static_cast<char>(std::tolower(left_[0]));
      unit = unit * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
      skip(1);
    }
    return unit;
  }
  bool unicode_escape() {
    const int unit = hex4();
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return false;
    if (unit < 0xd800 || unit > 0xdbff) return true;
    if (!take("\\u")) return false;
    const int second = hex4();
    return second >= 0xdc00 && second <= 0xdfff;
  }
  bool string() {
    if (!take("\"")) return false;
    while (!left_.empty() && left_[0] != '"') {
      const auto c = static_cast<unsigned char>(left_[0]);
      skip(1);
      if (c < 0x20) return false;
      if (c != '\\') continue;
      if (take("u")) {
        if (!unicode_escape()) return false;
        continue;
      }
      if (left_.empty() || std::string_view("\"\\/bfnrt").find(left_[0]) == left_.npos)
        return false;
      skip(1);
    }
    return take("\"");
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view left_;
};

}  // namespace turnstile::tests
