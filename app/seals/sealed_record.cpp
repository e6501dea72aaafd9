#include "app/seals/sealed_record.hpp"

#include <algorithm>

namespace turnstile::app {

namespace {

const event::json_field* find(const event::json_event& in, std::string_view name) {
  const auto found = std::ranges::find(in.fields(), name, &event::json_field::name);
  return found == in.fields().end() ? nullptr : &*found;
}

/// Empty where it is no string.
std::string_view text_in(const event::json_event& in, std::string_view name) {
  const event::json_field* const field = find(in, name);
  return field != nullptr && field->kind == core::json_kind::string ? field->text
                                                                    : std::string_view();
}

bool parse(event::json_event& to, std::string_view text) {
  return !to.parse(text, event::json_bytes_max);
}

}  // namespace

sealed_record sealed_record_reader::read(std::string_view text) {
  sealed_record out;
  if (!parse(line_, text)) return out;
  const event::json_event* record = &line_;
  const event::json_field* content = find(line_, "message_content");
  if (content == nullptr) {
    const event::json_field* const value = find(line_, "value");
    if (value == nullptr || !parse(record_, value->raw)) return out;
    out.origin = text_in(line_, "origin");
    record = &record_;
    content = find(record_, "message_content");
  }
  out.reason = text_in(*record, "reason");
  if (content == nullptr || out.reason.empty() || !parse(content_, content->raw)) return out;
  out.is_error_record = true;
  if (content_.fields().size() != 2) return out;
  out.box = text_in(content_, "sealed");
  out.key_id = text_in(content_, "seal_key");
  if (out.key_id.empty()) out.box = {};
  return out;
}

}  // namespace turnstile::app
