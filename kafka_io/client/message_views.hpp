// A record's parts as librdkafka holds them, and as we look at them.
//
// Free functions, for whoever holds the message. A view is good as long as its message is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "kafka_io/client/handles.hpp"

namespace turnstile::kafka_io {

/// Null is a null pointer to librdkafka, and any other pointer without bytes is empty.
[[nodiscard]] inline core::maybe_bytes view_of(const void* data, std::size_t size) {
  if (data == nullptr) return {};
  return std::string_view{static_cast<const char*>(data), size};
}

/// The other way. librdkafka's calls want it without `const` and only read it.
[[nodiscard]] inline void* data_of(const core::maybe_bytes& bytes) {
  if (!bytes) return nullptr;
  return const_cast<char*>(bytes->data() == nullptr ? "" : bytes->data());
}
[[nodiscard]] inline std::size_t size_of(const core::maybe_bytes& bytes) {
  return bytes ? bytes->size() : 0;
}

/// In milliseconds; -1: none.
[[nodiscard]] std::int64_t timestamp_of(const rd_kafka_message_t& message);

/// Calls `each(name, data, size)`; librdkafka unpacks them at the first call.
template <typename Each>
void for_each_header(const rd_kafka_message_t& message, const Each& each) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* data = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &data, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    each(name, data, size);
}

void append_headers(const rd_kafka_message_t& message, std::vector<core::header_view>& into);

/// rd_kafka_header_add, which copies both.
void add_header(rd_kafka_headers_t* to, std::string_view name, const core::maybe_bytes& value);

}  // namespace turnstile::kafka_io
