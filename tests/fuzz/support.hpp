// What the fuzzers share: a promise that ends the program where it is broken, and a source of
// choices.
//
// Used by one fuzzer's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <rapidjson/document.h>

namespace turnstile::fuzz {

/// Ends the program where the promise does not hold; libFuzzer then keeps the input.
inline void must(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// The input, bit by bit and part by part. What is asked for beyond its end is 0 or empty.
class choices {
public:
  choices(const std::uint8_t* data, std::size_t size)
    : left_(reinterpret_cast<const char*>(data), size) {}

  /// 0 to `count` - 1. A character of a corpus file is chosen so that it can be read.
  std::size_t one_of(std::size_t count) {
    if (left_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return (byte - std::size_t{'0'}) % count;
  }
  bool coin() { return one_of(2) == 1; }

  /// Up to the next `~`, which goes.
  std::string_view part() {
    const std::string_view taken = left_.substr(0, left_.find('~'));
    left_.remove_prefix(taken.size() == left_.size() ? taken.size() : taken.size() + 1);
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return left_; }

private:
  std::string_view left_;
};

/// Strictly, by another way than the worker's own parser.
inline bool read_json(std::string_view text, rapidjson::Document& into) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  into.Parse<flags>(text.data(), text.size());
  return !into.HasParseError();
}

}  // namespace turnstile::fuzz
