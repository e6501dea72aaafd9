#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

std::int64_t timestamp_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const auto timestamp = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp;
}

void append_headers(const rd_kafka_message_t& message, std::vector<core::header_view>& into) {
  for_each_header(message, [&into](const char* name, const void* data, std::size_t size) {
    into.push_back({name, view_of(data, size)});
  });
}

void add_header(rd_kafka_headers_t* to, std::string_view name, const core::maybe_bytes& value) {
  rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), data_of(value),
                      static_cast<ssize_t>(size_of(value)));
}

}  // namespace turnstile::kafka_io
