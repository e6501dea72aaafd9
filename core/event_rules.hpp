// What becomes of each field of an event, as plain values: the configuration's tables [event],
// [fields], [filter], [summary], [headers] and [key].
//
// Made once by config/ and checked there, constant from then on; event/ compiles them into a plan.
// Paths are texts in their canonical form (event/path.hpp); tokens are compact JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnstile::core {

enum class field_type : std::uint8_t {
  any,
  string,
  integer,
  number,
  boolean,
  object,
  array,
  time,
};

enum class field_method : std::uint8_t {
  keep,
  pseudonym,
  ipcrypt,
  ipcrypt_pfx,
  truncate_ip,
  mask_ip,
  mask,
  encrypt,
  round,
  replace,
  null,
  drop,
};

/// What becomes of a value that its method cannot take.
enum class invalid_value : std::uint8_t { error, pseudonym, drop, null, keep };
/// The form of a value that is hashed.
enum class canonical_form : std::uint8_t { none, lower, trim, uuid, ip };
/// With `path` equal values of two paths have different pseudonyms.
enum class pseudonym_scope : std::uint8_t { shared, path };
/// What becomes of the port behind an address.
enum class port_policy : std::uint8_t { error, keep, drop };

enum class time_units : std::uint8_t {
  seconds,
  milliseconds,
  microseconds,
  nanoseconds,
  magnitude,
};
enum class time_output : std::uint8_t { keep, datetime, rfc3339, epoch_s, epoch_ms };
enum class time_precision : std::uint8_t { s, ms, us, ns };
enum class time_truncation : std::uint8_t { none, minute, hour, day, month };

struct method_rule {
  field_method method = field_method::keep;
  invalid_value invalid = invalid_value::error;
  int digits = 64;  ///< Of a pseudonym, 16 to 64.
  canonical_form canonical = canonical_form::none;
  pseudonym_scope scope = pseudonym_scope::shared;
  int v4_bits = 24;  ///< That truncate-ip keeps.
  int v6_bits = 48;
  std::int64_t keep_first = 0;  ///< Code points that mask leaves.
  std::int64_t keep_last = 0;
  std::string with = "*";      ///< In the place of each code point that is masked.
  double to = 10;              ///< That round rounds down to a multiple of.
  std::string value = "null";  ///< Token of replace.
  std::string list;            ///< Separator of a string's elements; empty: it is one value.
  port_policy port = port_policy::error;
  friend bool operator==(const method_rule&, const method_rule&) = default;
};

struct time_rule {
  time_units units = time_units::seconds;
  bool fraction = false;  ///< Takes numbers with one.
  bool iso8601 = false;
  bool zone_utc = false;  ///< Takes texts without a zone, as UTC.
  time_output output = time_output::keep;
  time_precision precision = time_precision::s;
  time_truncation truncate = time_truncation::none;
  friend bool operator==(const time_rule&, const time_rule&) = default;
};

struct field_rule {
  std::string path;
  field_type type = field_type::any;
  bool required = false;
  bool allow_empty = true;                   ///< False: an empty string is absent.
  std::optional<std::string> default_token;  ///< Used where the value is absent or null.
  std::vector<std::string> absent;           ///< Strings that count as absent.
  time_rule time;                            ///< Where `type` is time.
  method_rule method;
  friend bool operator==(const field_rule&, const field_rule&) = default;
};

/// A value of a filter: what a string says, or the token of anything else.
struct filter_value {
  std::string text;
  bool is_string = true;
  bool is_prefix = false;  ///< Of a string: what begins with `text` matches.
  friend bool operator==(const filter_value&, const filter_value&) = default;
};

struct filter_condition {
  std::string path;
  std::vector<filter_value> values;
  friend bool operator==(const filter_condition&, const filter_condition&) = default;
};

struct header_rule {
  std::string name;
  method_rule method;
  friend bool operator==(const header_rule&, const header_rule&) = default;
};

enum class unknown_policy : std::uint8_t { keep, drop, error };
enum class tombstone_policy : std::uint8_t { error, pass };
enum class value_framing : std::uint8_t { none, confluent };

struct event_rules {
  std::string preset;
  std::string id;  ///< Path; empty: none.
  unknown_policy unknown = unknown_policy::keep;
  tombstone_policy tombstones = tombstone_policy::error;
  value_framing framing = value_framing::none;
  std::vector<field_rule> fields;  ///< The preset's first, in the order in which checks list them.
  std::vector<filter_condition> keep;  ///< All must match.
  std::vector<filter_condition> drop;  ///< None may match.
  std::vector<std::string> count_by;   ///< Paths.
  std::vector<header_rule> headers;    ///< By name.
  method_rule other_headers;           ///< Of headers without a rule.
  method_rule key;                     ///< keep, drop, or a method.
  friend bool operator==(const event_rules&, const event_rules&) = default;
};

}  // namespace turnstile::core
