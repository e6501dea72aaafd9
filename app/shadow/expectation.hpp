// What of a new configuration's differences was expected: the items of `--expect`.
//
// A value, made once on the main thread. An item is one of
//   PATH           of the event, with all that lies below it
//   FROM:TO        another outcome; `error` stands for each reason
//   header:NAME, record:key, record:user_id, record:error_type …   what a report calls so
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/shadow/outcome.hpp"
#include "event/path.hpp"

namespace turnstile::shadow {

class expectations {
public:
  /// Why `text`, items with commas between, is none; empty: it is well.
  [[nodiscard]] static std::string fault_of(const std::string& text);

  /// REQUIRES: it has no fault. May be called for several texts.
  void add(const std::string& text);
  /// A path, or a part of the record.
  void add_name(std::string name);

  [[nodiscard]] bool expects(ending from, ending to) const;
  [[nodiscard]] bool expects(std::string_view difference_name) const;

private:
  struct outcome_change {
    ending from = 0;
    ending to = 0;
  };

  std::vector<outcome_change> changes_;
  std::vector<std::string> parts_;
  std::vector<event::path> paths_;
};

}  // namespace turnstile::shadow
