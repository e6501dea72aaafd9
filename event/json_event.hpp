// One JSON object, found and checked without building a document: its top-level fields, and at any
// depth the values that a path of the rules leads to.
//
// Owned by one transform and reused for every record, so that nothing is allocated for ordinary
// ones; used by one thread at a time. Every rule about what counts as valid JSON here is in this
// one place. Fields point into the value given and into the event's own buffer: they are good until
// the next `parse` and while the value lives. Errors name byte offsets, never content.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.hpp"
#include "core/json_text.hpp"
#include "core/reason.hpp"
#include "core/record.hpp"
#include "event/path_states.hpp"

namespace turnstile::event {

/// Levels of objects and arrays, the event itself included.
inline constexpr std::size_t json_depth_max = 32;

/// The most that `input.value_bytes_max` may be, and more is parsed nowhere: RapidJSON counts
/// digits in an int.
inline constexpr std::size_t json_bytes_max = std::size_t{128} * 1024 * 1024;

/// A member of an object or an element of an array. Those of the event itself are all there; below,
/// those that a rule holds for, or that lead to such, and between them runs of all others.
struct json_field {
  std::string_view key;     ///< As in the value, quotes included; empty: an element, or a run.
  std::string_view raw;     ///< The value as it stands there: tokens, blanks between them. Of a run
                            ///< all that is between two fields, with keys and commas.
  std::string_view name;    ///< The key, unescaped; of a run the first one.
  std::string_view text;    ///< Of a string: unescaped.
  std::uint32_t end = 0;    ///< Behind all fields within this one.
  std::uint16_t state = 0;  ///< What is known of it: of the paths.
  std::uint16_t rule = none;
  core::json_kind kind = core::json_kind::null;
  bool is_run = false;
};

/// Why a value is no event.
struct event_error {
  core::reason reason{};
  std::string error_type;
};

/// Of the event's own fields, summed while they are read.
struct scalar_sums {
  bool is_right = true;  ///< Each is a short scalar that its rule takes without a closer look.
  std::uint32_t required = 0;  ///< How many of those that rules require are there.
  std::size_t growth = 0;      ///< By which what is written may be longer.
};

class json_event {
public:
  /// Without paths the fields are those of the event itself.
  json_event();
  /// REQUIRES: the paths outlive the event.
  explicit json_event(const path_states& paths);
  ~json_event();
  json_event(const json_event&) = delete;
  json_event& operator=(const json_event&) = delete;

  /// Checks in the order of `core::reason`, from tombstone to duplicate_key. None: the value is a
  /// JSON object, and `fields` are its fields in their order. With a frame so many bytes are in
  /// front of it.
  [[nodiscard]] std::optional<event_error> parse(const core::maybe_bytes& value,
                                                 std::size_t bytes_max,
                                                 std::size_t frame_bytes = 0);

  /// Each is followed by those within it, up to its `end`.
  [[nodiscard]] std::span<const json_field> fields() const { return fields_; }

  /// Of the JSON; no less than what the keys and raw values of all fields have, two more for each
  /// field and one for the braces.
  [[nodiscard]] std::size_t value_bytes() const { return value_.size(); }

  [[nodiscard]] const scalar_sums& sums() const { return sums_; }

  /// What the fields point into, without its frame.
  [[nodiscard]] std::string_view value() const { return value_; }

  /// The first value at the place of a path; null where the event has none.
  [[nodiscard]] const json_field* find(std::uint16_t place) const {
    const std::uint32_t at = first_[place];
    return at == absent ? nullptr : &fields_[at];
  }

  /// The field's path, as rules have it; elements as `[]`.
  [[nodiscard]] std::string path_of(const json_field& field) const;

private:
  struct reader;
  class plain_reader;
  class walk;
  static constexpr std::uint32_t absent = UINT32_MAX;

  void clear();
  void copy_to_scratch(std::string_view value);
  void add_field(path_states::index state, std::string_view key, std::string_view name,
                 bool is_top_level);

  [[nodiscard]] std::optional<event_error> read(bool has_escapes);
  [[nodiscard]] std::size_t duplicate_at();
  [[nodiscard]] std::size_t unknown_duplicate_at();

  const path_states& paths_;
  std::unique_ptr<reader> reader_;
  std::unique_ptr<char[]> scratch_;  ///< A copy of the value, unescaped in place.
  std::size_t scratch_bytes_ = 0;
  std::vector<json_field> fields_;
  scalar_sums sums_;
  std::vector<const json_field*> unknown_;
  std::vector<std::uint32_t> first_;  ///< By place: index in `fields_`, or absent.
  std::string_view value_;
  std::size_t frame_bytes_ = 0;
  std::size_t other_names_ = 0;            ///< Top-level fields that no path begins with.
  const char* second_known_at_ = nullptr;  ///< Of a top-level field that was there already.
  /// The event's own names as they followed each other last: many events have the same order.
  std::array<path_states::known_member, 32> order_{};
};

/// What a token says: of a string its unescaped text, in place or in `memory`; else itself.
[[nodiscard]] std::string_view text_of_token(std::string_view token, core::arena& memory);

}  // namespace turnstile::event
