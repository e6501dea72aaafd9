#include "event/methods/partial_method.hpp"

#include <algorithm>

namespace turnstile::event {

applied invalid_handler::apply(const json_value& value, char*& to) const {
  switch (policy_) {
    case core::invalid_value::pseudonym:
      to = pseudonyms_.write_token(to, value);
      return applied::written;
    case core::invalid_value::null:
      to = core::write_bytes(to, "null");
      return applied::written;
    case core::invalid_value::keep:
      to = core::write_compact(to, value.token);
      return applied::written;
    case core::invalid_value::drop:
      return applied::dropped;
    case core::invalid_value::error:
      break;
  }
  return applied::invalid;
}

std::size_t partial_method::bytes_max(std::size_t token_bytes) const {
  return std::max(result_bytes_max(token_bytes), otherwise_.bytes_max(token_bytes));
}

applied partial_method::apply(const json_value& value, char*& to) const {
  if (value.kind == core::json_kind::null) {
    to = core::write_bytes(to, "null");
    return applied::written;
  }
  char* const end = write(to, value);
  if (!end) return otherwise_.apply(value, to);
  to = end;
  return applied::written;
}

}  // namespace turnstile::event
