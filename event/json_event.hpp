// The top-level fields of one JSON object, found and checked without building a document.
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

#include "core/json_text.hpp"
#include "core/reason.hpp"
#include "core/record.hpp"
#include "core/settings.hpp"

namespace turnstile::core {

/// Levels of objects and arrays, the event itself included.
inline constexpr std::size_t json_depth_max = 32;

/// The most that `input.value_bytes_max` may be, and more is parsed nowhere: RapidJSON counts
/// digits in an int.
inline constexpr std::size_t json_bytes_max = std::size_t{128} * 1024 * 1024;

/// The fields that a login event must have: user_id, then `required_fields` in their order.
enum class login_field : std::uint8_t {
  user_id,
  ip,
  device_id,
  app_version,
  device_type,
  timestamp,
  locale,
};

inline constexpr std::size_t login_field_count = required_fields.size() + 1;

[[nodiscard]] constexpr std::string_view name_of(login_field f) {
  return f == login_field::user_id ? "user_id" : required_fields[static_cast<std::size_t>(f) - 1];
}

struct json_field {
  std::string_view key;   ///< As in the value, quotes included.
  std::string_view raw;   ///< The field's value, as it stands there: tokens, blanks between them.
  std::string_view name;  ///< The key, unescaped.
  std::string_view text;  ///< Of a string: unescaped.
  json_kind kind = json_kind::null;
  std::optional<login_field> known;
};

/// Why a value is no event.
struct event_error {
  core::reason reason{};
  std::string error_type;
};

class json_event {
public:
  json_event();
  ~json_event();
  json_event(const json_event&) = delete;
  json_event& operator=(const json_event&) = delete;

  /// Checks in the order of `core::reason`, from tombstone to duplicate_key. None: the value is a
  /// JSON object, and `fields` are its fields in their order.
  [[nodiscard]] std::optional<event_error> parse(const maybe_bytes& value, std::size_t bytes_max);

  [[nodiscard]] std::span<const json_field> fields() const { return fields_; }

  [[nodiscard]] bool has_unknown() const { return unknown_count_ > 0; }

  /// Of the value; no less than what the keys and raw values of all fields have, two more for each
  /// field and one for the braces.
  [[nodiscard]] std::size_t value_bytes() const { return value_bytes_; }

  /// Null where the event has no such field.
  [[nodiscard]] const json_field* find(login_field f) const {
    const std::uint32_t at = known_[static_cast<std::size_t>(f)];
    return at == absent ? nullptr : &fields_[at];
  }

private:
  struct reader;
  struct plain_reader;
  static constexpr std::uint32_t absent = UINT32_MAX;

  void clear();
  void copy_to_scratch(std::string_view value);
  void begin_field(std::string_view key, std::string_view name);
  json_field& end_field(json_kind kind, std::string_view raw);

  /// True: it is read. False: `read` must judge it.
  [[nodiscard]] bool read_plain(std::string_view value);
  [[nodiscard]] std::optional<event_error> read(std::string_view value, bool has_escapes);
  [[nodiscard]] std::size_t duplicate_at(std::string_view value);
  [[nodiscard]] std::size_t unknown_duplicate_at(std::string_view value);

  std::unique_ptr<reader> reader_;
  std::unique_ptr<char[]> scratch_;  ///< A copy of the value, unescaped in place.
  std::size_t scratch_bytes_ = 0;
  std::vector<json_field> fields_;
  std::vector<const json_field*> unknown_;
  std::array<std::uint32_t, login_field_count> known_{};  ///< Index in `fields_`, or absent.
  std::size_t value_bytes_ = 0;
  std::size_t unknown_count_ = 0;
  const char* second_known_at_ = nullptr;  ///< Of a known field that was there already.
};

}  // namespace turnstile::core
