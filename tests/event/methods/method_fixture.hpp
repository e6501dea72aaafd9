// One method with keys of its own, applied in room of exactly the size that it asks for.
//
// For one test case, on the test's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "event/methods/field_method.hpp"

namespace turnstile::tests {

/// The 32 bytes 00 01 … 1f.
inline const event::secret_key& test_key() {
  static const event::secret_key key = [] {
    std::vector<unsigned char> bytes;
    for (unsigned char b = 0; b < 32; ++b) bytes.push_back(b);
    return event::secret_key(bytes);
  }();
  return key;
}

inline const event::method_keys& test_keys() {
  static const event::method_keys keys = event::make_method_keys(&test_key(), nullptr, nullptr);
  return keys;
}

class method_fixture {
public:
  explicit method_fixture(const core::method_rule& rule, std::string_view path = "client.ip",
                          const event::method_keys& keys = test_keys())
    : method_(event::field_method::make(rule, path, keys)) {}

  /// What becomes of a JSON token; `<dropped>` and `<invalid>` are no tokens.
  [[nodiscard]] std::string of_token(std::string_view token) const {
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseNumbersAsStringsFlag>(token.data(), token.size());
    REQUIRE_FALSE(parsed.HasParseError());
    event::json_value value{kind_of(token.front()), token, {}};
    if (value.kind == core::json_kind::string)
      value.text = {parsed.GetString(), parsed.GetStringLength()};
    return apply(value);
  }

  /// The string that a string becomes, with its quotes off.
  [[nodiscard]] std::string of(std::string_view text) const {
    const std::string token = '"' + std::string(text) + '"';
    const std::string got = of_token(token);
    return got.starts_with('"') ? got.substr(1, got.size() - 2) : got;
  }

private:
  static core::json_kind kind_of(char first) {
    switch (first) {
      case '"':
        return core::json_kind::string;
      case '{':
        return core::json_kind::object;
      case '[':
        return core::json_kind::array;
      case 't':
      case 'f':
        return core::json_kind::boolean;
      case 'n':
        return core::json_kind::null;
      default:
        return core::json_kind::number;
    }
  }

  [[nodiscard]] std::string apply(const event::json_value& value) const {
    constexpr std::string_view guard = "what stands behind the room";
    const std::size_t room = method_->bytes_max(value.token.size());
    const auto buffer = std::make_unique<char[]>(room + guard.size());
    guard.copy(buffer.get() + room, guard.size());
    char* to = buffer.get();
    const event::applied result = method_->apply(value, to);
    CHECK(std::string_view(buffer.get() + room, guard.size()) == guard);
    if (result != event::applied::written) CHECK(to == buffer.get());
    if (result == event::applied::dropped) return "<dropped>";
    if (result == event::applied::invalid) return "<invalid>";
    REQUIRE(to <= buffer.get() + room);
    std::string token(buffer.get(), to);
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag>(
        token.data(), token.size());
    CHECK_FALSE(parsed.HasParseError());
    return token;
  }

  std::unique_ptr<const event::field_method> method_;
};

}  // namespace turnstile::tests
