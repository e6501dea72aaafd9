// The rules for an event's fields, compiled: what the checks, the writer and the audit ask.
//
// Made once at the start from core::event_rules, constant from then on, shared by all threads.
// What of an event is personal, and what is counted, is said here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.hpp"
#include "core/event_rules.hpp"
#include "core/record.hpp"
#include "event/json_event.hpp"
#include "event/methods/field_method.hpp"
#include "event/path_states.hpp"
#include "event/seen_paths.hpp"

namespace turnstile::event {

/// One rule. Values are given as they stand in the event.
struct field_plan {
  std::string path;
  core::field_type type{};
  bool required = false;
  bool allow_empty = true;
  bool appended = false;       ///< The default is, where the member is missing.
  bool writes_time = false;    ///< It is a time, and an output has it in a form of the rule's own.
  bool keeps_nothing = false;  ///< Also what counts as absent is replaced, or left out.
  bool keeps_unfit = false;    ///< What the method cannot take stays, so also what is in it.
  bool is_top_level = false;   ///< The path is one name.
  bool has_elements = false;   ///< The path has `[]`.
  bool is_element = false;     ///< It ends with it.
  std::uint8_t right_kinds = 0;   ///< Bit by kind, see `is_plainly_right`.
  std::uint8_t copied_kinds = 0;  ///< By `scalar_needs::bit`, see `is_copied`.
  std::uint8_t given_kinds = 0;   ///< The same, see `is_given`.
  std::vector<std::string> absent;
  core::time_rule time;
  std::unique_ptr<const field_method> method;  ///< Null: the value is kept.
  static constexpr std::size_t short_bytes = scalar_needs::short_bytes;
  std::size_t short_room = 0;  ///< For values of at most so many bytes.
  bool grows = false;          ///< What is written may be longer than the value.
  std::uint16_t slot = none;   ///< Where the writer notes its token.
  std::string fallback_token;
  std::string fallback_text;
  std::optional<core::json_kind> fallback;  ///< None: there is no default.

  [[nodiscard]] json_value fallback_value() const {
    return {*fallback, fallback_token, fallback_text};
  }
  [[nodiscard]] bool is_time() const { return type == core::field_type::time; }
  /// A time without a method of its own.
  [[nodiscard]] bool is_plain_time() const { return is_time() && method == nullptr; }
  [[nodiscard]] bool truncates() const { return time.truncate != core::time_truncation::none; }
  /// Whether the scalar is written as it is, in every form.
  [[nodiscard]] bool is_copied(const json_field& field) const {
    return (copied_kinds >> bit_of(field) & 1U) != 0;
  }
  /// Whether the scalar is given to the method, in every form.
  [[nodiscard]] bool is_given(const json_field& field) const {
    return (given_kinds >> bit_of(field) & 1U) != 0;
  }
  [[nodiscard]] static unsigned bit_of(const json_field& field) {
    const bool is_empty = field.raw.size() == 2 && field.kind == core::json_kind::string;
    return scalar_needs::bit(field.kind, is_empty);
  }
  /// Whether a value of `kind` is replaced as a whole, so that nothing in it has a rule.
  [[nodiscard]] bool replaces(core::json_kind kind) const {
    return method != nullptr && !(keeps_unfit && kind >= core::json_kind::object);
  }
  /// Whether every value of the kind is there and has its type; false: it takes a closer look.
  [[nodiscard]] bool is_plainly_right(core::json_kind kind) const {
    return (right_kinds >> static_cast<unsigned>(kind) & 1U) != 0;
  }
  [[nodiscard]] bool is_absent(const json_value& value) const {
    if (value.kind == core::json_kind::null) return true;
    if (value.kind != core::json_kind::string) return false;
    return (value.text.empty() && !allow_empty) || (!absent.empty() && is_of_absent(value.text));
  }
  [[nodiscard]] bool is_of_absent(std::string_view text) const;
  [[nodiscard]] bool has_its_type(const json_value& value) const;
  /// By which what is written may be longer than the token of `bytes`.
  [[nodiscard]] std::size_t growth(core::json_kind kind, std::size_t bytes) const {
    if (!grows) return 0;
    const std::size_t needed = room(kind, bytes);
    return needed > bytes ? needed - bytes : 0;
  }
  /// For what is written in place of a token of `bytes`, or of the default.
  [[nodiscard]] std::size_t room(core::json_kind kind, std::size_t bytes) const {
    const bool is_short = bytes <= short_bytes && kind < core::json_kind::object;
    return is_short ? short_room : room_of_any(kind, bytes);
  }
  [[nodiscard]] std::size_t room_of_any(core::json_kind kind, std::size_t bytes) const;
};

/// A condition of a filter, or a field that is counted.
struct watched_path {
  event::path path;
  std::uint16_t place = none;   ///< Of a path without `**`.
  std::uint16_t rule = none;    ///< Of the path itself, for its default.
  bool copies_strings = false;  ///< The rule does, all of them.
};

struct condition : watched_path {
  core::filter_condition values;
  std::string clean_type;        ///< As in a cleaned record, with JSON's escapes.
  bool is_plain_member = false;  ///< Of the event itself, and every string is there.
};

/// A method for bytes that are no JSON: a key, a header's value.
class bytes_method {
public:
  bytes_method(const core::method_rule& rule, std::string_view path, const method_keys& keys);

  [[nodiscard]] bool drops() const { return how_ == core::field_method::drop; }
  [[nodiscard]] bool keeps() const { return how_ == core::field_method::keep; }
  [[nodiscard]] applied apply(std::string_view bytes, core::arena& memory,
                              core::maybe_bytes& to) const;

private:
  core::field_method how_;
  bool takes_any_bytes_;
  std::unique_ptr<const field_method> method_;
};

class plan {
public:
  plan(const core::event_rules& rules, const method_keys& keys);

  [[nodiscard]] const path_states& paths() const { return *paths_; }
  [[nodiscard]] const field_plan& rule(std::uint16_t i) const { return fields_[i]; }
  [[nodiscard]] std::span<const field_plan> rules() const { return fields_; }
  [[nodiscard]] std::span<const condition> keep() const { return keep_; }
  [[nodiscard]] std::span<const condition> drop() const { return drop_; }
  [[nodiscard]] std::span<const watched_path> counted() const { return counted_; }
  [[nodiscard]] const std::optional<watched_path>& id() const { return id_; }
  /// Where the values stand that an event must have; none for a path with `**`.
  [[nodiscard]] std::span<const std::uint16_t> required() const { return required_; }
  [[nodiscard]] bool requires_of_elements() const { return requires_of_elements_; }
  /// Whether nothing is missing or of a wrong type, as far as sums tell; false: look.
  [[nodiscard]] bool is_surely_right(const scalar_sums& sums) const {
    return sums.is_right && sums.required == required_.size() && !has_hidden_needs_;
  }
  [[nodiscard]] bool has_defaults() const { return has_defaults_; }
  [[nodiscard]] bool names_id_alone() const { return names_id_alone_; }
  [[nodiscard]] std::span<const std::uint16_t> times() const { return times_; }
  [[nodiscard]] std::uint16_t place_of_rule(std::uint16_t rule) const { return rule_places_[rule]; }
  /// Where the writer notes a token: 0 is the id, then what is counted; none: it does not.
  [[nodiscard]] std::uint16_t slot_of(std::uint16_t place) const {
    return place == none ? none : slots_[place];
  }
  [[nodiscard]] std::size_t slots() const { return 1 + counted_.size(); }
  [[nodiscard]] core::unknown_policy unknown() const { return unknown_; }
  /// Of the unknown fields that were errors.
  [[nodiscard]] seen_paths& unknown_seen() const { return *unknown_seen_; }
  [[nodiscard]] core::tombstone_policy tombstones() const { return tombstones_; }
  [[nodiscard]] std::size_t frame_bytes() const { return frame_bytes_; }
  [[nodiscard]] const bytes_method& key() const { return *key_; }
  [[nodiscard]] const bytes_method& header(std::string_view name) const;

  /// Whether a field's value is what its rule keeps from readers.
  [[nodiscard]] bool is_personal(const json_field& field) const {
    return field.rule != none && fields_[field.rule].replaces(field.kind);
  }

  /// Room for what any form of the event needs.
  [[nodiscard]] std::size_t room_for(const json_event& event) const;

private:
  void add_field(const core::field_rule& rule, const method_keys& keys);
  [[nodiscard]] std::uint16_t place_of(const path& at, std::vector<known_path>& known);
  [[nodiscard]] watched_path watch(const std::string& text, std::vector<known_path>& known);
  [[nodiscard]] std::vector<condition> conditions(const std::vector<core::filter_condition>& from,
                                                  std::vector<known_path>& known);

  std::vector<field_plan> fields_;
  std::unique_ptr<const path_states> paths_;
  std::vector<condition> keep_, drop_;
  std::vector<watched_path> counted_;
  std::optional<watched_path> id_;
  std::vector<std::uint16_t> required_;
  bool requires_of_elements_ = false;
  bool has_hidden_needs_ = false;  ///< Required, with `[]` or `**`.
  std::vector<std::uint16_t> rule_places_;
  std::vector<std::uint16_t> slots_;  ///< By place.
  std::vector<std::uint16_t> times_;  ///< Rules.
  bool has_defaults_ = false;
  bool names_id_alone_;
  core::unknown_policy unknown_;
  core::tombstone_policy tombstones_;
  std::size_t frame_bytes_;
  std::unique_ptr<seen_paths> unknown_seen_ = std::make_unique<seen_paths>();
  std::unique_ptr<const bytes_method> key_;
  std::unique_ptr<const bytes_method> other_headers_;
  std::vector<std::pair<std::string, std::unique_ptr<const bytes_method>>> headers_;
};

/// What a summary says of a field.
struct counted_field {
  std::string name;      ///< `<path>_counts`
  bool in_each = false;  ///< Each processed record has a value there.
};
[[nodiscard]] std::vector<counted_field> counted_fields(const core::event_rules& rules);

[[nodiscard]] std::vector<std::string> counted_names(const core::event_rules& rules);

/// The rules with methods that need no secret, which take the same values: for whoever only wants
/// to know what is personal.
[[nodiscard]] core::event_rules without_secrets(core::event_rules rules);

}  // namespace turnstile::event
