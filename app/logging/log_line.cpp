#include "app/logging/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

std::string_view name_of(core::severity level) {
  constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-:/+,@%").find(c) != std::string_view::npos;
}

/// False for what a floating-point number may also be: nan, inf.
bool is_json_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  core::append_escaped(out, text);
  out += '"';
}

void append_value(std::string& out, std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

/// Names are ours, so this only keeps a mistake from breaking the line.
void append_name(std::string& out, std::string_view name) {
  for (const char c : name) out += is_plain(c) ? c : '_';
}

void append_logfmt(std::string& out, const core::log_field& field) {
  out += ' ';
  append_name(out, field.name);
  out += '=';
  append_value(out, field.value);
}

void append_json(std::string& out, const core::log_field& field) {
  out += ',';
  append_quoted(out, field.name);
  out += ':';
  if (field.is_none) {
    out += "null";
  } else if (field.is_number && is_json_number(field.value)) {
    out += field.value;
  } else {
    append_quoted(out, field.value);
  }
}

}  // namespace

std::string timestamp_text(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(time);
  const auto day = floor<days>(ms);
  const year_month_day date{day};
  const hh_mm_ss clock{ms - day};
  std::array<char, 40> text{};
  const int n = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string log_line(core::log_format format, std::chrono::system_clock::time_point time,
                     core::severity level, std::string_view event, core::log_fields fields) {
  std::string out;
  out.reserve(256);
  if (format == core::log_format::logfmt) {
    out += "ts=" + timestamp_text(time) + " level=";
    out += name_of(level);
    out += " event=";
    append_value(out, event);
    for (const auto& field : fields) append_logfmt(out, field);
    return out;
  }
  out += "{\"ts\":\"" + timestamp_text(time) + "\",\"level\":\"";
  out += name_of(level);
  out += "\",\"event\":";
  append_quoted(out, event);
  for (const auto& field : fields) append_json(out, field);
  out += '}';
  return out;
}

}  // namespace turnstile::app
