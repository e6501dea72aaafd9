// One Kafka record as a line: for people on a terminal, or as JSON.
//
// Free functions on the caller's thread. GUARANTEES: whatever a record holds, the line is valid
// UTF-8 without line breaks and control characters but those of the painter.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/terminal/terminal.hpp"
#include "event/json_event.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

/// Writes lines about records; keeps the buffers of its JSON reader. One thread.
class record_text {
public:
  /// `topic_width`: of the longest topic name, for alignment; 0 leaves the topic out. `width`: the
  /// columns that a line for people may have; below 60 it may have more.
  record_text(painter paint, std::size_t topic_width, std::size_t width)
    : paint_(paint), topic_width_(topic_width), width_(width) {}

  /// The day and its zone, before the first record and where another day begins; else empty.
  [[nodiscard]] std::string day_line(const kafka_io::topic_record& record);

  /// Time, place, origin, reason, fields. What matters least is cut, and columns stay in line.
  [[nodiscard]] std::string for_people(const kafka_io::topic_record& record);

  /// `{"topic":…,"partition":…,"offset":…,"timestamp":…,"origin":…,"reason":…,"key":…,"headers":
  /// [[name,value],…],"value":…}`. A value that is a JSON object stands there as one, another as a
  /// string; bytes that are no UTF-8 become U+FFFD.
  [[nodiscard]] std::string as_json(const kafka_io::topic_record& record);

private:
  [[nodiscard]] std::string value_text(const core::maybe_bytes& value, std::size_t room,
                                       bool is_error);
  [[nodiscard]] std::string fields_in(std::size_t room, bool is_error);
  /// Padded to the widest that came under this name.
  [[nodiscard]] std::string column(const std::string& name, std::string text,
                                   std::size_t width_max);

  painter paint_;
  std::size_t topic_width_;
  std::size_t width_;
  std::string day_;
  /// By name of a column or field; the first records must not move the later ones.
  std::map<std::string, std::size_t> widths_{{"/place", 6}, {"/origin", 11}};
  event::json_event event_;
};

/// `2024-10-25T22:14:20.123Z`; empty for what the clock cannot hold, before 1970 and from 2262 on.
[[nodiscard]] std::string record_time_text(std::int64_t timestamp_ms);

/// The header's value; empty where there is none.
[[nodiscard]] std::string_view header_of(const core::record_view& record, std::string_view name);

}  // namespace turnstile::app
