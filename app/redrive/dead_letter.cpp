#include "app/redrive/dead_letter.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "audit/origin.hpp"
#include "core/own_headers.hpp"

namespace turnstile::app {

namespace {

struct description {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<description, left_count> descriptions{{
    {"no_origin", "it has not exactly one well-formed origin header: no error record of a worker"},
    {"other_topic", "its origin is in another topic than the input"},
    {"no_partition", "its origin is in a partition that the input topic does not have"},
    {"beyond_end", "its origin lies beyond the end of the input"},
    {"removed", "its input is no longer there: retention has removed it"},
    {"no_record", "its origin is no record of the input that can be read"},
    {"remade", "its input has another time or key: the topic was made anew since"},
    {"not_committed", "its group has not committed the input yet: a worker may read it again"},
    {"attempts", "as many redrives as are allowed have failed"},
    {"unread", "its input could not be read in time"},
}};

std::uint8_t reason_of(const core::record_view& error) {
  const auto header = audit::only_header(error.headers, core::reason_header);
  if (!header) return other_reason;
  const auto* const found = std::ranges::find(core::reason_names, *header);
  return static_cast<std::uint8_t>(found - core::reason_names.begin());
}

}  // namespace

std::string_view name_of(left_why why) { return descriptions[static_cast<std::size_t>(why)].name; }

std::string_view meaning_of(left_why why) {
  return descriptions[static_cast<std::size_t>(why)].meaning;
}

std::string_view reason_name(std::uint8_t reason) {
  if (reason < core::reason_count) return core::reason_names[reason];
  return reason == missing_reason ? "missing" : "(other)";
}

std::uint64_t hash_of_key(std::string_view key) { return std::hash<std::string_view>{}(key); }

std::string place_text(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return std::string{topic} + "/" + std::to_string(partition) + "/" + std::to_string(offset);
}

std::variant<dead_letter, left_why> dead_letter_of(const core::record_view& error,
                                                   std::int32_t error_partition,
                                                   std::string_view input_topic) {
  const auto header = audit::only_header(error.headers, core::origin_header);
  const auto origin = header ? audit::parse_origin(*header) : std::nullopt;
  if (!origin) return left_why::no_origin;
  if (origin->topic != input_topic) return left_why::other_topic;
  return dead_letter{
      .partition = origin->partition,
      .offset = origin->offset,
      .error_partition = error_partition,
      .error_offset = error.offset,
      .origin_ms = audit::origin_time(error.headers).value_or(dead_letter::not_told),
      .key_hash = hash_of_key(error.key.value_or("")),
      .has_key = error.key.has_value(),
      .reason = reason_of(error),
  };
}

}  // namespace turnstile::app
