#include "event/methods/pseudonym_writer.hpp"

#include <algorithm>

namespace turnstile::event {

pseudonym_writer::pseudonym_writer(const core::method_rule& rule, std::string_view path,
                                   const method_keys& keys)
  : pseudonyms_(keys.pseudonyms), digits_(static_cast<std::size_t>(rule.digits)) {
  if (rule.scope == core::pseudonym_scope::path) (before_ += path) += '\0';
}

std::size_t pseudonym_writer::bytes_max(std::size_t bytes) const {
  return std::max(pseudonym_bytes + 2, before_.size() + bytes);
}

char* pseudonym_writer::write_digits(char* to, std::string_view value) const {
  if (!before_.empty()) {
    const char* const end = core::write_bytes(core::write_bytes(to, before_), value);
    value = {to, end};
  }
  static_cast<void>(pseudonyms_->write(to, value));
  return to + digits_;
}

char* pseudonym_writer::write_scoped(char* to, std::string_view value) const {
  const char* const end = core::write_bytes(core::write_bytes(to, before_), value);
  return write_quoted(to, {to, end});
}

char* pseudonym_writer::write_token(char* to, const json_value& value) const {
  if (value.kind == core::json_kind::string) return write_token(to, value.text);
  const char* const end = core::write_compact(core::write_bytes(to, before_), value.token);
  return write_quoted(to, {to, end});
}

}  // namespace turnstile::event
