// Finds the sealed content in an error record: in its value, or in a line of `turnstile watch`.
//
// Owned and used by one thread; what it finds is good until the next call and while the text lives.
#pragma once

#include <string>
#include <string_view>

#include "event/json_event.hpp"

namespace turnstile::app {

struct sealed_record {
  bool is_error_record = false;
  std::string_view box;     ///< Base64; empty: its content is not sealed.
  std::string_view key_id;  ///< Of the key that it is sealed for.
  std::string origin;       ///< Empty: it is not told, as in a bare value.
  std::string reason;
};

class sealed_record_reader {
public:
  [[nodiscard]] sealed_record read(std::string_view text);

private:
  event::json_event line_;
  event::json_event record_;
  event::json_event content_;
};

}  // namespace turnstile::app
