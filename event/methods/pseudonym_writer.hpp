// Pseudonyms as one rule wants them: how many digits, and whether of one path only.
//
// Part of a method, constant and shared by all threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "event/methods/field_method.hpp"

namespace turnstile::event {

class pseudonym_writer {
public:
  pseudonym_writer(const core::method_rule& rule, std::string_view path, const method_keys& keys);

  /// The room for the pseudonym of so many bytes, in quotes. What is hashed is put together there
  /// first.
  [[nodiscard]] std::size_t bytes_max(std::size_t bytes) const;

  /// The digits alone.
  [[nodiscard]] char* write_digits(char* to, std::string_view value) const;

  [[nodiscard]] char* write_token(char* to, std::string_view value) const {
    return before_.empty() ? write_quoted(to, value) : write_scoped(to, value);
  }

  /// Of a string its text, of anything else the compact token.
  [[nodiscard]] char* write_token(char* to, const json_value& value) const;

private:
  [[nodiscard]] char* write_quoted(char* to, std::string_view hashed) const {
    static_cast<void>(pseudonyms_->write(to + 1, hashed));
    *to = '"';
    to[1 + digits_] = '"';
    return to + digits_ + 2;
  }
  [[nodiscard]] char* write_scoped(char* to, std::string_view value) const;

  std::shared_ptr<const pseudonymiser> pseudonyms_;
  std::size_t digits_;
  std::string before_;  ///< The value, where the scope is `path`: the path and a NUL byte.
};

}  // namespace turnstile::event
