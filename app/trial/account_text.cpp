#include "app/trial/account_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/rules/attributes.hpp"
#include "core/quoting.hpp"
#include "event/field_account.hpp"

namespace turnstile::app {

namespace {

constexpr std::size_t frame_bytes = 5;

std::string_view without_frame(const core::settings& settings, std::string_view value) {
  const bool framed = settings.event.framing == core::value_framing::confluent &&
                      value.size() >= frame_bytes && value.front() == '\0';
  return framed ? value.substr(frame_bytes) : value;
}

std::vector<event::accounted_field> fields_of(const core::settings& settings,
                                              const given_event& event, const tried_event& tried) {
  if (!event.value) return {};
  return event::account_fields(settings.event, without_frame(settings, *event.value),
                               without_frame(settings, event_of(tried)));
}

std::vector<std::string> unmatched_of(const core::settings& settings, const given_event& event) {
  if (!event.value) return {};
  return event::unmatched_rules(settings.event, without_frame(settings, *event.value));
}

std::string_view text_of(event::field_fate fate) {
  constexpr std::array<std::string_view, 4> texts{"kept", "changed", "left out", "added"};
  return texts[static_cast<std::size_t>(fate)];
}

std::string field_json(const event::accounted_field& field) {
  return "{\"path\":" + core::quoted(field.path) +
         ",\"rule\":" + (field.rule.empty() ? "null" : core::quoted(field.rule)) +
         ",\"method\":" + core::quoted(core::name_of(field.method)) +
         ",\"changed\":" + (field.fate == event::field_fate::kept ? "false" : "true") +
         ",\"became\":" + core::quoted(text_of(field.fate)) + "}";
}

/// The checks that an event's own bytes decide, in their order.
bool is_check(core::reason reason) {
  return reason != core::reason::unreadable && reason < core::reason::transform_failed;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

std::string checks_text(const tried_event& tried) {
  std::string out = "checks\n";
  std::size_t width = 0;
  for (std::size_t i = 0; i < core::reason_count; ++i)
    width = std::max(width, core::reason_names[i].size());
  // An output that is too large is found behind all others.
  const bool too_large = tried.reason == core::reason::too_large && !event_of(tried).empty();
  bool reached = true;
  for (std::size_t i = 0; i < core::reason_count; ++i) {
    const auto reason = static_cast<core::reason>(i);
    if (!is_check(reason)) continue;
    const bool failed = tried.reason == reason && !too_large;
    std::string_view found = reached ? "passed" : "not reached";
    if (failed) found = tried.error_type;
    out += "  " + padded(core::reason_names[i], width + 2) + core::printable(found) + "\n";
    reached = reached && !failed;
  }
  std::string filter = reached ? "kept" : "not reached";
  if (tried.outcome == core::outcome::filtered) filter = clean_type_of(tried);
  out += "  " + padded("filter", width + 2) + filter + "\n";
  return out;
}

/// A piece of a field's values, for a line.
std::string values_text(const std::vector<std::string>& values) {
  constexpr std::size_t shown_max = 3;
  constexpr std::size_t bytes_max = 80;
  std::string out;
  for (std::size_t i = 0; i < values.size() && i < shown_max; ++i) {
    const std::string text = core::printable(values[i]);
    core::append_item(out,
                      text.size() <= bytes_max
                          ? text
                          : core::printable(std::string_view{text}.substr(0, bytes_max)) + "…");
  }
  return values.size() > shown_max ? out + ", …" : out;
}

std::string fields_text(const std::vector<event::accounted_field>& fields,
                        const std::vector<std::string>& unmatched) {
  std::string out = "\nfields\n";
  std::size_t width = 0;
  for (const auto& field : fields)
    width = std::max(width, std::min<std::size_t>(core::printable(field.path).size(), 40));
  for (const auto& field : fields) {
    std::string rule = "no rule";
    if (!field.rule.empty()) rule = core::name_of(field.method);
    if (field.is_time && field.method == core::field_method::keep) rule = "time";
    if (!field.rule.empty() && field.rule != field.path) rule += " by " + field.rule;
    out += "  " + padded(core::printable(field.path), width + 2) + core::printable(rule) + ": " +
           std::string(text_of(field.fate));
    if (field.fate == event::field_fate::changed || field.fate == event::field_fate::added)
      out += ", " + values_text(field.after);
    out += "\n";
  }
  if (fields.empty()) out += "  none could be read\n";
  for (const auto& path : unmatched) out += "  no such member: " + core::printable(path) + "\n";
  return out;
}

std::string record_text(const tried_event& tried) {
  std::string out = "\noutcome: " + std::string(name_of(tried.outcome)) + "\n";
  if (tried.reason) out += "reason: " + std::string(core::name_of(*tried.reason)) + "\n";
  out += "topic: " + tried.topic + "\nkey: " + json_or_null(tried.key) + "\n";
  for (const auto& [name, value] : tried.headers)
    out += "header " + core::printable(name) + ": " + json_or_null(value) + "\n";
  if (!tried.value) return out + "value: none\n";
  return out + "value:\n" +
         (core::is_valid_utf8(*tried.value) ? *tried.value : core::quoted(*tried.value)) + "\n";
}

}  // namespace

std::string json_or_null(const std::optional<std::string>& text) {
  return text ? core::quoted(*text) : "null";
}

std::string account_json(const core::settings& settings, const given_event& event,
                         const tried_event& tried) {
  std::string headers;
  for (const auto& [name, value] : tried.headers)
    core::append_item(headers, core::quoted(name) + ":" + json_or_null(value), ",");
  std::string fields;
  for (const auto& field : fields_of(settings, event, tried))
    core::append_item(fields, field_json(field), ",");
  std::string unmatched;
  for (const auto& path : unmatched_of(settings, event))
    core::append_item(unmatched, core::quoted(path), ",");
  std::string out = "{\"outcome\":" + core::quoted(name_of(tried.outcome)) +
                    ",\"topic\":" + core::quoted(tried.topic);
  out += ",\"reason\":" + (tried.reason ? core::quoted(core::name_of(*tried.reason)) : "null");
  out += ",\"error_type\":" + (tried.reason ? core::quoted(tried.error_type) : "null");
  if (tried.outcome == core::outcome::filtered)
    out += ",\"clean_type\":" + core::quoted(clean_type_of(tried));
  return out + ",\"value\":" + json_or_null(tried.value) + ",\"key\":" + json_or_null(tried.key) +
         ",\"headers\":{" + headers + "},\"fields\":[" + fields + "],\"unmatched\":[" + unmatched +
         "]}";
}

std::string account_text(const core::settings& settings, const given_event& event,
                         const tried_event& tried) {
  return checks_text(tried) +
         fields_text(fields_of(settings, event, tried), unmatched_of(settings, event)) +
         record_text(tried);
}

std::string clean_type_of(const tried_event& tried) {
  constexpr std::string_view before = "\"clean_type\":\"";
  if (tried.outcome != core::outcome::filtered || !tried.value) return {};
  const auto begin = tried.value->rfind(before);
  if (begin == std::string::npos) return {};
  const auto from = begin + before.size();
  std::size_t to = from;
  while (to < tried.value->size() && (*tried.value)[to] != '"')
    to += (*tried.value)[to] == '\\' ? 2U : 1U;
  return tried.value->substr(from, to - from);
}

}  // namespace turnstile::app
