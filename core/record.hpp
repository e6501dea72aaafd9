// Views of one Kafka record, as read.
//
// A record_view owns nothing: key and value point into whatever its batch keeps alive (a fetch
// buffer, a test's strings), and so do the headers. Used by whoever holds the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace turnstile::core {

/// Bytes that Kafka may also carry as null, which is not the same as empty.
using maybe_bytes = std::optional<std::string_view>;

struct header_view {
  std::string_view name;
  maybe_bytes value;
};

struct record_view {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< Of the record, since the epoch; -1 where it has none.
  maybe_bytes key;
  maybe_bytes value;  ///< Null: a tombstone.
  std::span<const header_view> headers;
};

}  // namespace turnstile::core
