#include "app/shadow/outcome.hpp"

#include <algorithm>
#include <cstring>

#include "audit/origin.hpp"
#include "core/own_headers.hpp"
#include "event/errors/content_seal.hpp"
#include "event/errors/foreign_headers.hpp"

namespace turnstile::shadow {

namespace {

constexpr std::string_view time_key = ",\"timestamp\":\"";
/// `YYYY-MM-DD HH:MM:SS"}`
constexpr std::size_t time_bytes = 21;

/// The last member of what the worker wraps is the time of its writing.
core::maybe_bytes without_written_time(core::maybe_bytes value) {
  constexpr std::size_t tail = time_key.size() + time_bytes;
  if (!value || value->size() < tail || !value->ends_with("\"}")) return value;
  const std::size_t at = value->size() - tail;
  return value->substr(at, time_key.size()) == time_key ? value->substr(0, at) : value;
}

ending ending_of_error(std::span<const core::header_view> headers) {
  const auto name = audit::only_header(headers, core::reason_header);
  const auto* const known = name ? std::ranges::find(core::reason_names, *name) : nullptr;
  if (!name || known == core::reason_names.end()) return some_error;
  return ending_of(static_cast<core::reason>(known - core::reason_names.begin()));
}

/// The same error with no content: each box is another, and a shadow has no key to make one.
std::string without_box(std::string_view error) {
  constexpr std::string_view before = "\"message_content\":";
  const std::size_t at = error.find(before) + before.size();
  const std::size_t end = error.find("\"}", at);
  if (end == std::string_view::npos) return std::string(error);
  return std::string(error.substr(0, at)) + "{}" + std::string(error.substr(end + 2));
}

/// Written by the worker in other systems' names, of what it says in its own.
bool is_of_others(std::string_view name) {
  return event::is_foreign_header(name, core::header_style::streams) ||
         event::is_foreign_header(name, core::header_style::connect);
}

void append_size(std::string& to, std::uint32_t size) {
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  to.append(bytes, sizeof size);
}

/// Null is not the same as empty.
void append_part(std::string& to, const core::maybe_bytes& part) {
  append_size(to, part ? static_cast<std::uint32_t>(part->size()) + 1 : 0);
  if (part) to += *part;
}

core::maybe_bytes take_part(std::string_view& from) {
  std::uint32_t size = 0;
  std::memcpy(&size, from.data(), sizeof size);
  from.remove_prefix(sizeof size);
  if (size == 0) return {};
  const auto part = from.substr(0, size - 1);
  from.remove_prefix(size - 1);
  return part;
}

}  // namespace

std::string_view name_of(ending end) {
  if (end == processed) return "processed";
  if (end == filtered) return "filtered";
  return end == some_error ? "error" : core::reason_names[end - std::size_t{3}];
}

outcome outcome_of(audit::fate where, const core::record_view& read) {
  outcome out{.key = read.key, .value = read.value, .headers = read.headers};
  if (where == audit::fate::processed) return out;
  out.end = where == audit::fate::cleaned ? filtered : ending_of_error(read.headers);
  out.value = without_written_time(out.value);
  return out;
}

outcome outcome_of(const core::output_record& made, std::optional<core::reason> why) {
  outcome out{.key = made.key, .headers = made.headers};
  if (!made.is_tombstone) out.value = made.value;
  if (made.result == core::outcome::processed) return out;
  out.end = made.result == core::outcome::filtered ? filtered : why ? ending_of(*why) : some_error;
  out.value = without_written_time(out.value);
  return out;
}

std::optional<std::string_view> key_id_of(std::span<const core::header_view> headers) {
  return audit::only_header(headers, core::key_id_header);
}

void append_bytes(std::string& to, const outcome& one) {
  to += static_cast<char>(one.end);
  append_part(to, one.key);
  const bool is_error = one.end != processed && one.end != filtered;
  if (is_error && one.value && event::has_sealed_content(*one.value))
    append_part(to, without_box(*one.value));
  else
    append_part(to, one.value);
  for (const auto& header : one.headers) {
    if (core::is_own_header(header.name) || (is_error && is_of_others(header.name))) continue;
    append_part(to, header.name);
    append_part(to, header.value);
  }
}

unpacked unpack(std::string_view bytes) {
  unpacked out;
  out.of.end = ending_in(bytes);
  bytes.remove_prefix(1);
  out.of.key = take_part(bytes);
  out.of.value = take_part(bytes);
  while (!bytes.empty()) {
    const auto name = take_part(bytes);
    const auto value = take_part(bytes);
    out.headers.push_back({name.value_or(""), value});
  }
  out.of.headers = out.headers;
  return out;
}

}  // namespace turnstile::shadow
