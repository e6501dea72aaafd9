// Writes the event that was parsed last with what its rules make of it.
//
// Owned by one transform and used on its thread. GUARANTEES: no value of a rule leaves but as its
// method makes it, whatever its type and however often it stands there; never more than the room
// that the plan says is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arena.hpp"
#include "core/batch.hpp"
#include "event/event_checks.hpp"
#include "event/json_event.hpp"
#include "event/plan.hpp"

namespace turnstile::event {

class event_writer {
public:
  /// `output` has the times as the rules have them and the defaults, the contents have the event's
  /// own. `error` is fail closed: only fields that a rule names, of their type, which their method
  /// can take.
  enum class form : std::uint8_t { output, cleaned, error };

  struct options {
    bool keeps_source = false;         ///< `edits` are wanted.
    bool errors_keep_unknown = false;  ///< So that edits leave unknown fields where they are.
  };

  event_writer(const plan& rules, const json_event& event, const event_checks& checks,
               options wanted)
    : plan_(rules), event_(event), checks_(checks), wanted_(wanted), tokens_(rules.slots()) {}

  /// In the arena's reserve, for `commit`.
  [[nodiscard]] std::string_view write(core::arena& memory, form as, std::string_view before = {});

  /// Of the last `write`: whether a method could not take a value, and the paths of those.
  [[nodiscard]] bool has_refused() const { return !refused_.empty(); }
  [[nodiscard]] std::string refused() const;

  /// Of the last `write`: what stands there for a value that is counted, or for the id; empty where
  /// it was not written.
  [[nodiscard]] std::string_view token(std::uint16_t slot) const { return tokens_[slot]; }

  /// Fields without a rule that outputs had, or would have had, since it was asked last.
  [[nodiscard]] std::int64_t take_unknown() { return std::exchange(unknown_, 0); }

  /// Of the last `write`: what makes an error record's content of it.
  [[nodiscard]] const std::vector<core::source_edit>& edits() const { return edits_; }

private:
  enum class result : std::uint8_t { written, left_out };

  void write_members(std::uint32_t first, std::uint32_t end, const path_states::state& within);
  void append_defaults(std::uint32_t first, std::uint32_t end, const path_states::state& within);
  void write_inside(const json_field& field);
  void write_other(const json_field& field, inside around);
  void write_copied(const json_field& field, const field_plan& rule);
  void write_given(const json_field& field, const field_plan& rule);
  void write_treated(const json_field& field, const field_plan& rule);
  [[nodiscard]] result write_value(const json_field& field, const field_plan& rule);
  [[nodiscard]] result write_by_method(std::uint16_t index, const json_value& value);
  [[nodiscard]] result write_plain_time(const json_field& field, const field_plan& rule,
                                        const json_value& value);
  result write_kept(const json_field& field);
  void write_key(const json_field& field);
  void note_refused(std::uint16_t rule);
  void note_token(std::uint16_t slot, const char* token);
  void note_source(const char* token, const field_plan& rule, std::string_view source);
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(to_ - begin_); }

  const plan& plan_;
  const json_event& event_;
  const event_checks& checks_;
  options wanted_;
  std::vector<std::string_view> tokens_;
  std::vector<core::source_edit> edits_;
  form form_ = form::output;
  std::int64_t unknown_ = 0;
  std::vector<std::uint16_t> refused_;  ///< Rules.
  char* begin_ = nullptr;
  char* to_ = nullptr;
  const char* room_end_ = nullptr;
};

}  // namespace turnstile::event
