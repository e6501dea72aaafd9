// Which parts of an output depend on the key of the pseudonyms: with another key they differ, and
// that says nothing of the rules.
//
// A value, made once of the rules; constant, so that any thread may ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/shadow/expectation.hpp"
#include "core/event_rules.hpp"
#include "core/settings.hpp"

namespace turnstile::shadow {

/// The id under which outputs made with this configuration name their key; empty: there is none. Of
/// a key ring what its file `active` says.
[[nodiscard]] std::string key_id_in(const core::settings& settings);

class keyed_parts {
public:
  explicit keyed_parts(const core::event_rules& rules);

  /// `name`: of a difference.
  [[nodiscard]] bool hold(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

private:
  void add(std::string name);

  expectations parts_;
  std::vector<std::string> names_;
  bool other_headers_ = false;
};

}  // namespace turnstile::shadow
