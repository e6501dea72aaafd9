// What the methods share that not every value can be given to.
//
// Base of a method, constant and shared by all threads.
#pragma once

#include "event/methods/pseudonym_writer.hpp"

namespace turnstile::event {

/// Does with a value what `invalid` says.
class invalid_handler {
public:
  invalid_handler(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : policy_(rule.invalid), pseudonyms_(rule, path, keys) {}

  [[nodiscard]] std::size_t bytes_max(std::size_t token_bytes) const {
    return pseudonyms_.bytes_max(token_bytes);
  }
  [[nodiscard]] applied apply(const json_value& value, char*& to) const;

  [[nodiscard]] core::invalid_value policy() const { return policy_; }
  [[nodiscard]] const pseudonym_writer& pseudonyms() const { return pseudonyms_; }

private:
  core::invalid_value policy_;
  pseudonym_writer pseudonyms_;
};

class partial_method : public field_method {
public:
  partial_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : otherwise_(rule, path, keys) {}

  [[nodiscard]] std::size_t bytes_max(std::size_t token_bytes) const final;
  [[nodiscard]] applied apply(const json_value& value, char*& to) const final;

protected:
  [[nodiscard]] virtual std::size_t result_bytes_max(std::size_t token_bytes) const = 0;

  /// Writes the result and returns its end; null: the method cannot take the value.
  [[nodiscard]] virtual char* write(char* to, const json_value& value) const = 0;

private:
  invalid_handler otherwise_;
};

}  // namespace turnstile::event
