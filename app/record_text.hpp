// One Kafka record as a line: for people on a terminal, or as JSON.
//
// Free functions on the caller's thread. GUARANTEES: whatever a record holds, the line is valid
// UTF-8 without line breaks and control characters but those of the painter.
#pragma once

#include <string>
#include <string_view>

#include "app/terminal.hpp"
#include "core/json_event.hpp"
#include "kafka_io/topic_reader.hpp"

namespace turnstile::app {

/// Writes lines about records; keeps the buffers of its JSON reader. One thread.
class record_text {
public:
  /// `topic_width`: of the longest topic name, for alignment; 0 leaves the topic out.
  record_text(painter paint, std::size_t topic_width) : paint_(paint), topic_width_(topic_width) {}

  /// Time, place, origin, reason, fields; values are shortened.
  [[nodiscard]] std::string for_people(const kafka_io::topic_record& record);

  /// `{"topic":…,"partition":…,"offset":…,"timestamp":…,"origin":…,"reason":…,"key":…,"headers":
  /// [[name,value],…],"value":…}`. A value that is a JSON object stands there as one, another as a
  /// string; bytes that are no UTF-8 become U+FFFD.
  [[nodiscard]] std::string as_json(const kafka_io::topic_record& record);

  /// A record's value for people: its fields, `name=value`.
  [[nodiscard]] std::string fields_of(const core::maybe_bytes& value);

private:
  painter paint_;
  std::size_t topic_width_;
  core::json_event event_;
};

/// The header's value; empty where there is none.
[[nodiscard]] std::string_view header_of(const core::record_view& record, std::string_view name);

}  // namespace turnstile::app
