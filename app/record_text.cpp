#include "app/record_text.hpp"

#include <algorithm>
#include <chrono>

#include "app/log_line.hpp"
#include "core/error_record.hpp"
#include "core/json_text.hpp"
#include "core/pseudonymiser.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

// A UUID fits; a pseudonym is known by its beginning.
constexpr std::size_t token_bytes_shown = 40;
constexpr std::size_t nested_bytes_shown = 80;
constexpr std::size_t pseudonym_bytes_shown = 12;

/// Empty also for what the clock cannot hold, the years from 2262 on.
std::string time_of(const core::record_view& record) {
  using clock = std::chrono::system_clock;
  constexpr auto latest = std::chrono::floor<std::chrono::milliseconds>(clock::time_point::max());
  if (record.timestamp_ms < 0 || record.timestamp_ms > latest.time_since_epoch().count()) return {};
  return timestamp_text(clock::time_point{std::chrono::milliseconds{record.timestamp_ms}});
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string compacted(std::string_view json) {
  std::string out(json.size(), '\0');
  out.resize(static_cast<std::size_t>(core::write_compact(out.data(), json) - out.data()));
  return out;
}

bool is_pseudonym(std::string_view text) {
  return text.size() == core::pseudonym_bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Not within a UTF-8 sequence.
std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string{text};
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  return std::string{text.substr(0, bytes_max)} + "…";
}

std::string shortened(const core::json_field& field) {
  if (field.kind != core::json_kind::string) {
    return core::printable(cut(compacted(field.raw), nested_bytes_shown));
  }
  if (is_pseudonym(field.text)) return cut(field.text, pseudonym_bytes_shown);
  return core::printable(cut(field.text, token_bytes_shown));
}

std::string json_or_null(const core::maybe_bytes& bytes) {
  return bytes ? core::quoted(*bytes) : "null";
}

}  // namespace

std::string_view header_of(const core::record_view& record, std::string_view name) {
  for (const auto& header : record.headers) {
    if (header.name == name) return header.value.value_or("");
  }
  return {};
}

std::string record_text::fields_of(const core::maybe_bytes& value) {
  if (!value) return paint_(colour::dim, "(null)");
  if (value->empty()) return paint_(colour::dim, "(empty)");
  if (event_.parse(value, core::json_bytes_max)) {
    return core::quoted_short(*value, nested_bytes_shown);
  }
  std::string out;
  for (const auto& field : event_.fields()) {
    if (!out.empty()) out += "  ";
    out += paint_(colour::dim, core::printable(field.name) + "=") + shortened(field);
  }
  return out;
}

std::string record_text::for_people(const kafka_io::topic_record& record) {
  constexpr std::size_t clock_at = 11;
  constexpr std::size_t clock_bytes = 12;
  const std::string time = time_of(record.record);
  std::string out = paint_(
      colour::dim, time.empty() ? padded("", clock_bytes) : time.substr(clock_at, clock_bytes));
  if (topic_width_ > 0) {
    out += "  " + paint_(colour::cyan, padded(core::printable(record.topic), topic_width_));
  }
  const std::string place =
      std::to_string(record.partition) + "/" + std::to_string(record.record.offset);
  constexpr std::size_t place_width = 10;
  out += "  " + paint_(colour::bold, padded(place, place_width));
  const auto origin = header_of(record.record, core::origin_header);
  if (!origin.empty()) {
    constexpr std::size_t origin_width = 22;
    out += "  from " + padded(core::printable(origin), origin_width);
  }
  const auto reason = header_of(record.record, core::reason_header);
  if (!reason.empty()) {
    constexpr std::size_t reason_width = 14;
    out += "  " + paint_(colour::red, padded(core::printable(reason), reason_width));
  }
  return out += "  " + fields_of(record.record.value);
}

std::string record_text::as_json(const kafka_io::topic_record& record) {
  const auto& view = record.record;
  std::string out = "{\"topic\":" + core::quoted(record.topic);
  out += ",\"partition\":" + std::to_string(record.partition);
  out += ",\"offset\":" + std::to_string(view.offset);
  const std::string time = time_of(view);
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
  const bool is_object = view.value && !event_.parse(view.value, core::json_bytes_max);
  // What is unprintable stands within strings only, so that an escape means the same.
  return out +=
         (is_object ? core::printable(compacted(*view.value)) : json_or_null(view.value)) + "}";
}

}  // namespace turnstile::app
