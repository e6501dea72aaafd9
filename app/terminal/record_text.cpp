#include "app/terminal/record_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "app/logging/log_line.hpp"
#include "app/terminal/text_width.hpp"
#include "core/json_text.hpp"
#include "core/own_headers.hpp"
#include "core/quoting.hpp"
#include "event/methods/pseudonymiser.hpp"

namespace turnstile::app {

namespace {

// What a line is made of, in columns; a name's column grows with what was seen of it.
constexpr std::size_t clock_width = 12;
constexpr std::size_t topic_width_max = 24;
constexpr std::size_t origin_width_max = 30;
constexpr std::size_t reason_width_max = 20;
constexpr std::size_t text_width_max = 40;
constexpr std::size_t cell_width_max = 48;
constexpr std::size_t cell_names_max = 64;
// Fewer columns of a list or an object say nothing.
constexpr std::size_t nested_width_min = 12;
// From here on there is room for origin's topic, and for the reason beside the text that has it.
constexpr std::size_t wide = 120;
constexpr std::size_t roomy = 100;
// All seven fields of an event with a whole UUID.
constexpr std::size_t room_for_all = 150;
constexpr std::size_t room_min = 20;

// What matters most comes first, and so do all records of a topic, however their fields are
// ordered.
constexpr std::array<std::string_view, 10> leading_fields{
    "error_type", "user_id",         "clean_type", "app_version", "device_type",
    "locale",     "processed_count", "timestamp",  "ip",          "device_id"};

std::string compacted(std::string_view json) {
  std::string out(json.size(), '\0');
  out.resize(static_cast<std::size_t>(core::write_compact(out.data(), json) - out.data()));
  return out;
}

bool is_pseudonym(std::string_view text) {
  return text.size() == event::pseudonym_bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_uuid(std::string_view text) {
  constexpr std::size_t bytes = 36;
  return text.size() == bytes && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}

bool is_nested(const event::json_field& field) {
  return field.kind == core::json_kind::object || field.kind == core::json_kind::array;
}

std::size_t rank_of(const event::json_field& field) {
  const auto found = std::ranges::find(leading_fields, field.name);
  if (found != leading_fields.end()) {
    return static_cast<std::size_t>(found - leading_fields.begin());
  }
  return leading_fields.size() + (is_nested(field) ? 1 : 0);
}

/// Not more of a nested value is looked at than a line can show.
std::string shown(const event::json_field& field, bool whole) {
  constexpr std::size_t id_width = 9;
  constexpr std::size_t pseudonym_width = 13;
  constexpr std::size_t bytes_max = 1000;
  if (field.kind != core::json_kind::string) {
    return core::printable(compacted(field.raw).substr(0, bytes_max));
  }
  if (is_pseudonym(field.text)) return fitted(field.text, whole ? pseudonym_width : id_width);
  if (is_uuid(field.text) && !whole) return fitted(core::printable(field.text), id_width);
  return core::printable(field.text.substr(0, bytes_max));
}

std::string json_or_null(const core::maybe_bytes& bytes) {
  return bytes ? core::quoted(*bytes) : "null";
}

}  // namespace

std::string record_time_text(std::int64_t timestamp_ms) {
  using clock = std::chrono::system_clock;
  constexpr auto latest = std::chrono::floor<std::chrono::milliseconds>(clock::time_point::max());
  if (timestamp_ms < 0 || timestamp_ms > latest.time_since_epoch().count()) return {};
  return timestamp_text(clock::time_point{std::chrono::milliseconds{timestamp_ms}});
}

std::string_view header_of(const core::record_view& record, std::string_view name) {
  for (const auto& header : record.headers) {
    if (header.name == name) return header.value.value_or("");
  }
  return {};
}

std::string record_text::day_line(const kafka_io::topic_record& record) {
  constexpr std::size_t day_bytes = 10;
  const std::string day = record_time_text(record.record.timestamp_ms).substr(0, day_bytes);
  if (day.empty() || day == day_) return {};
  day_ = day;
  return paint_(colour::dim, day + " (UTC)");
}

std::string record_text::column(const std::string& name, std::string text, std::size_t width_max) {
  text = fitted(text, width_max);
  const auto known = widths_.find(name);
  if (known == widths_.end() && widths_.size() >= cell_names_max) return text;
  auto& width = widths_[name];
  width = std::max(width, columns(text));
  return padded(std::move(text), width);
}

/// Fields until the room is used up; what matters less is left out whole, and … says so.
std::string record_text::fields_in(std::size_t room, bool is_error) {
  const bool whole = room >= room_for_all;
  std::vector<const event::json_field*> order;
  for (const auto& field : event_.fields()) {
    // The line has them already: its reason, and when the record was written.
    const bool said = is_error && (field.name == "reason" || field.name == "timestamp");
    if (!said) order.push_back(&field);
  }
  std::ranges::stable_sort(order, {}, [](const auto* field) { return rank_of(*field); });
  std::string out;
  std::size_t used = 0;
  std::size_t blanks = 0;
  bool left_out = false;
  bool cut = false;
  for (const auto* field : order) {
    const std::string name = fitted(core::printable(field->name), text_width_max);
    const bool is_text = field->name == "error_type";
    const std::string label = is_text ? "" : name + "=";
    // Two columns are kept for the sign that something is left out.
    const std::size_t at = used + blanks + columns(label) + 2;
    const std::size_t rest = room > at ? room - at : 0;
    std::string value = shown(*field, whole);
    if (is_nested(*field) || is_text) {
      if (rest < std::min(nested_width_min, columns(value))) value.clear();
      value = fitted(value, rest);
    } else {
      value = fitted(value, used == 0 ? std::min(rest, text_width_max) : text_width_max);
    }
    if (columns(value) > rest || (value.empty() && rest < nested_width_min)) {
      left_out = true;
      continue;
    }
    const std::size_t width = columns(label) + columns(value);
    const std::size_t cell =
        is_text || is_nested(*field) ? width : columns(column(name, label + value, cell_width_max));
    out.append(blanks, ' ');
    out += is_text ? paint_(colour::red, value) : paint_(colour::dim, label) + value;
    used += blanks + width;
    cut = value.ends_with("…");
    blanks = 2 + std::max(cell, width) - width;
  }
  return left_out && !cut ? out + " …" : out;
}

std::string record_text::value_text(const core::maybe_bytes& value, std::size_t room,
                                    bool is_error) {
  if (!value) return paint_(colour::dim, "(null)");
  if (value->empty()) return paint_(colour::dim, "(empty)");
  if (event_.parse(value, event::json_bytes_max)) {
    return fitted(core::quoted_short(*value, room), room);
  }
  return fields_in(room, is_error);
}

std::string record_text::for_people(const kafka_io::topic_record& record) {
  constexpr std::size_t clock_at = 11;
  const std::string time = record_time_text(record.record.timestamp_ms);
  const std::string clock = time.empty() ? "" : time.substr(clock_at, clock_width);
  std::string out = paint_(colour::dim, padded(clock, clock_width));
  std::size_t used = clock_width;
  const auto add = [&](colour c, const std::string& text) {
    out += "  " + paint_(c, text);
    used += 2 + columns(text);
  };
  if (topic_width_ > 0) {
    const std::size_t width = std::min(topic_width_, width_ < wide ? 16 : topic_width_max);
    add(colour::cyan, padded(fitted(core::printable(record.topic), width), width));
  }
  add(colour::bold,
      column("/place",
             std::to_string(record.partition) + "/" + std::to_string(record.record.offset),
             origin_width_max));
  auto origin = header_of(record.record, core::origin_header);
  if (!origin.empty()) {
    // Without its topic, which is the same for all, where columns are few.
    const auto slash = origin.find('/');
    if (width_ < wide && slash != std::string_view::npos) origin.remove_prefix(slash + 1);
    add(colour::none, column("/origin", "from " + core::printable(origin), origin_width_max));
  }
  const auto reason = header_of(record.record, core::reason_header);
  if (!reason.empty() && width_ >= roomy) {
    add(colour::red, column("/reason", core::printable(reason), reason_width_max));
  }
  const std::size_t room = std::max(width_, used + 2 + room_min) - used - 2;
  return out + "  " + value_text(record.record.value, room, !reason.empty());
}

std::string record_text::as_json(const kafka_io::topic_record& record) {
  const auto& view = record.record;
  std::string out = "{\"topic\":" + core::quoted(record.topic);
  out += ",\"partition\":" + std::to_string(record.partition);
  out += ",\"offset\":" + std::to_string(view.offset);
  const std::string time = record_time_text(view.timestamp_ms);
  out += ",\"timestamp\":" + (time.empty() ? std::string{"null"} : core::quoted(time));
  for (const auto& [field, header] : {std::pair{",\"origin\":", core::origin_header},
                                      std::pair{",\"reason\":", core::reason_header}}) {
    const auto value = header_of(view, header);
    if (!value.empty()) out += field + core::quoted(value);
  }
  out += ",\"key\":" + json_or_null(view.key);
  std::string headers;
  for (const auto& header : view.headers) {
    headers += headers.empty() ? "[" : ",[";
    headers += core::quoted(header.name) + "," + json_or_null(header.value) + "]";
  }
  out += ",\"headers\":[" + headers + "],\"value\":";
  const bool is_object = view.value && !event_.parse(view.value, event::json_bytes_max);
  // What is unprintable stands within strings only, so that an escape means the same.
  return out +=
         (is_object ? core::printable(compacted(*view.value)) : json_or_null(view.value)) + "}";
}

}  // namespace turnstile::app
