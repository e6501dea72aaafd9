// What becomes of one value of an event: keep, pseudonym, mask and the other methods.
//
// Made once for each rule at the start, then constant and shared by all threads: what a call needs
// for its work is the room that its caller gives. GUARANTEES: nothing is allocated by `apply`; what
// a method cannot take is never repeated, unless the rule says `invalid = "keep"`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/event_rules.hpp"
#include "core/json_text.hpp"
#include "event/methods/method_keys.hpp"

namespace turnstile::event {

struct json_value {
  core::json_kind kind{};
  std::string_view token;  ///< As it stands in the event; blanks only between tokens.
  std::string_view text;   ///< Of a string: unescaped, valid UTF-8.
};

enum class applied : std::uint8_t {
  written,
  dropped,  ///< The member is left out.
  invalid,  ///< The method cannot take the value, and the rule says `error`.
};

class field_method {
public:
  /// REQUIRES: `method_fault` has nothing against the rule. `path` is the canonical text.
  [[nodiscard]] static std::unique_ptr<const field_method> make(const core::method_rule& rule,
                                                                std::string_view path,
                                                                const method_keys& keys);

  field_method() = default;
  field_method(const field_method&) = delete;
  field_method& operator=(const field_method&) = delete;
  virtual ~field_method() = default;

  /// The room that `apply` needs for any value whose token has so many bytes. Its result may be
  /// shorter: the rest is for its work.
  [[nodiscard]] virtual std::size_t bytes_max(std::size_t token_bytes) const = 0;

  /// Writes a compact JSON token at `to` and moves it behind; only `written` moves it. The value
  /// does not lie in that room. null stays null, but where the method is `drop` or `replace`.
  [[nodiscard]] virtual applied apply(const json_value& value, char*& to) const = 0;
};

/// Why the rule cannot work, as one line that names the attribute; nothing: it can.
[[nodiscard]] std::optional<std::string> method_fault(const core::method_rule& rule,
                                                      const keys_there& keys);

}  // namespace turnstile::event
