#include "event/event_writer.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "core/json_text.hpp"
#include "core/quoting.hpp"

namespace turnstile::event {

using core::json_kind;

namespace {

bool is_container(json_kind kind) { return kind >= json_kind::object; }

}  // namespace

inline void event_writer::write_key(const json_field& field) {
  if (field.key.empty()) return;
  char* const to = core::write_bytes(to_, field.key);
  *to = ':';
  to_ = to + 1;
}

std::string_view event_writer::write(core::arena& memory, form as, std::string_view before) {
  form_ = as;
  refused_.clear();
  edits_.clear();
  std::ranges::fill(tokens_, std::string_view());
  const std::size_t room = before.size() + plan_.room_for(event_);
  char* const start = memory.reserve(room);
  room_end_ = start + room;
  begin_ = core::write_bytes(start, before);
  to_ = begin_;
  *to_++ = '{';
  const auto& root = plan_.paths().at(path_states::root);
  const auto end = static_cast<std::uint32_t>(event_.fields().size());
  write_members(0, end, root);
  if (form_ == form::output && plan_.has_defaults()) append_defaults(0, end, root);
  if (to_[-1] == ',') --to_;
  *to_++ = '}';
  assert(to_ <= room_end_);
  return {start, static_cast<std::size_t>(to_ - start)};
}

std::string event_writer::refused() const {
  std::string paths;
  for (const std::uint16_t rule : refused_) append_path(paths, plan_.rule(rule).path);
  return paths;
}

/// Writes through a local pointer: the compiler must take `to_` for one of the bytes written.
inline void event_writer::write_copied(const json_field& field, const field_plan& rule) {
  char* to = to_;
  if (!field.key.empty()) {
    to = core::write_bytes(to, field.key);
    *to++ = ':';
  }
  if (rule.slot != none && tokens_[rule.slot].empty()) tokens_[rule.slot] = {to, field.raw.size()};
  to = core::write_bytes(to, field.raw);
  *to++ = ',';
  to_ = to;
}

/// Each with a comma behind.
void event_writer::write_members(std::uint32_t first, std::uint32_t end,
                                 const path_states::state& within) {
  const json_field* const fields = event_.fields().data();
  const std::span<const field_plan> rules = plan_.rules();
  for (std::uint32_t i = first; i < end; i = fields[i].end) {
    const json_field& field = fields[i];
    if (field.rule == none) {
      write_other(field, within.inside);
      continue;
    }
    const field_plan& rule = rules[field.rule];
    if (rule.is_copied(field))
      write_copied(field, rule);
    else if (rule.is_given(field))
      write_given(field, rule);
    else
      write_treated(field, rule);
  }
}

void event_writer::append_defaults(std::uint32_t first, std::uint32_t end,
                                   const path_states::state& within) {
  const auto fields = event_.fields();
  for (const expected_member& member : within.expected) {
    const field_plan& rule = plan_.rule(member.rule);
    if (!rule.appended) continue;
    bool is_there = false;
    for (std::uint32_t i = first; i < end && !is_there; i = fields[i].end)
      is_there = fields[i].rule == member.rule;
    if (is_there) continue;
    char* const begin = to_;
    to_ = core::write_bytes(to_, core::quoted(member.name));
    *to_++ = ':';
    char* const token = to_;
    const json_value value = rule.fallback_value();
    result done = result::written;
    if (rule.writes_time)
      to_ = write_time(to_, read_time(value, rule.time), rule.time);
    else
      done = write_by_method(member.rule, value);
    if (done == result::left_out) {
      to_ = begin;
      continue;
    }
    note_token(rule.slot, token);
    if (rule.is_plain_time()) note_source(token, rule, value.token);
    *to_++ = ',';
  }
}

void event_writer::write_inside(const json_field& field) {
  const bool is_object = field.kind == json_kind::object;
  *to_++ = is_object ? '{' : '[';
  const auto at = static_cast<std::uint32_t>(&field - event_.fields().data());
  const auto& within = plan_.paths().at(field.state);
  write_members(at + 1, field.end, within);
  // An array where a path expects an object has no members to lack.
  if (is_object && form_ == form::output && plan_.has_defaults())
    append_defaults(at + 1, field.end, within);
  if (to_[-1] == ',') --to_;
  *to_++ = is_object ? '}' : ']';
}

/// What no rule names, or an object or array on the way to what one does.
void event_writer::write_other(const json_field& field, inside around) {
  const bool is_on_way =
      is_container(field.kind) && !field.is_run && plan_.paths().at(field.state).on_way;
  const bool is_unknown = around == inside::open && !is_on_way;
  if (is_unknown) {
    if (form_ != form::error) ++unknown_;
    const bool is_dropped = plan_.unknown() == core::unknown_policy::drop;
    if (is_dropped || (form_ == form::error && !wanted_.errors_keep_unknown)) return;
  }
  const std::uint32_t begin = offset();
  write_key(field);
  if (is_on_way)
    write_inside(field);
  else if (field.is_run || is_container(field.kind))
    to_ = core::write_compact(to_, field.raw);
  else
    to_ = core::write_bytes(to_, field.raw);
  if (is_unknown && wanted_.keeps_source && !wanted_.errors_keep_unknown)
    edits_.push_back({begin, offset() - begin, {}});
  *to_++ = ',';
}

void event_writer::write_given(const json_field& field, const field_plan& rule) {
  char* const begin = to_;
  write_key(field);
  char* to = to_;
  assert(to + rule.room(field.kind, field.raw.size()) + 1 <= room_end_);
  const applied done = rule.method->apply(value_of(field), to);
  if (done != applied::written) {
    if (done == applied::invalid) note_refused(field.rule);
    to_ = begin;
    return;
  }
  if (rule.slot != none && tokens_[rule.slot].empty())
    tokens_[rule.slot] = {to_, static_cast<std::size_t>(to - to_)};
  *to = ',';
  to_ = to + 1;
}

void event_writer::write_treated(const json_field& field, const field_plan& rule) {
  char* const begin = to_;
  write_key(field);
  char* const token = to_;
  const bool is_right_time =
      form_ != form::error && rule.is_plain_time() && rule.is_plainly_right(field.kind);
  const result done =
      is_right_time ? write_plain_time(field, rule, value_of(field)) : write_value(field, rule);
  if (done == result::left_out) {
    to_ = begin;
    return;
  }
  note_token(rule.slot, token);
  *to_++ = ',';
}

void event_writer::note_token(std::uint16_t slot, const char* token) {
  if (slot != none && tokens_[slot].empty())
    tokens_[slot] = {token, static_cast<std::size_t>(to_ - token)};
}

event_writer::result event_writer::write_value(const json_field& field, const field_plan& rule) {
  json_value value = value_of(field);
  if (!rule.is_plainly_right(field.kind)) {
    if (rule.is_absent(value)) {
      if (form_ == form::output && rule.fallback)
        value = rule.fallback_value();
      else if (!rule.keeps_nothing)
        return write_kept(field);
    } else if (form_ == form::error && !rule.has_its_type(value)) {
      return result::left_out;
    }
  } else if (form_ == form::error && rule.is_time() && !rule.has_its_type(value)) {
    return result::left_out;
  }
  if (rule.is_plain_time()) return write_plain_time(field, rule, value);
  if (value.token.data() != field.raw.data()) return write_by_method(field.rule, value);
  if (!rule.replaces(field.kind)) return write_kept(field);
  return write_by_method(field.rule, value);
}

event_writer::result event_writer::write_kept(const json_field& field) {
  if (!is_container(field.kind))
    to_ = core::write_bytes(to_, field.raw);
  else if (plan_.paths().at(field.state).tracked)
    write_inside(field);
  else
    to_ = core::write_compact(to_, field.raw);
  return result::written;
}

event_writer::result event_writer::write_by_method(std::uint16_t index, const json_value& value) {
  const field_plan& rule = plan_.rule(index);
  if (rule.method == nullptr) {
    to_ = core::write_compact(to_, value.token);
    return result::written;
  }
  // One more for the comma, in whose place the last bracket stands.
  assert(to_ + rule.room(value.kind, value.token.size()) + 1 <= room_end_);
  switch (rule.method->apply(value, to_)) {
    case applied::written:
      return result::written;
    case applied::dropped:
      break;
    case applied::invalid:
      note_refused(index);
      break;
  }
  return result::left_out;
}

void event_writer::note_refused(std::uint16_t rule) {
  if (std::ranges::find(refused_, rule) == refused_.end()) refused_.push_back(rule);
}

event_writer::result event_writer::write_plain_time(const json_field& field, const field_plan& rule,
                                                    const json_value& value) {
  if (form_ != form::output && !rule.truncates()) {
    to_ = core::write_bytes(to_, value.token);
    return result::written;
  }
  if (!rule.writes_time) {
    to_ = core::write_bytes(to_, value.token);
    return result::written;
  }
  assert(to_ + time_bytes_max + 1 <= room_end_);
  char* const token = to_;
  if (form_ == form::error) {
    // The event failed before its times were read.
    const core::parsed_timestamp time = read_time(value, rule.time);
    if (!time.error.empty()) return result::left_out;
    to_ = write_time(to_, time, rule.time);
    return result::written;
  }
  to_ = write_time(to_, checks_.time_of(field), rule.time);
  note_source(token, rule, value.token);
  return result::written;
}

/// An error record repeats a time as it came in, unless some of it is not to be known.
void event_writer::note_source(const char* token, const field_plan& rule, std::string_view source) {
  if (form_ != form::output || !wanted_.keeps_source || rule.truncates() || !rule.writes_time)
    return;
  edits_.push_back({static_cast<std::uint32_t>(token - begin_),
                    static_cast<std::uint32_t>(to_ - token), source});
}

}  // namespace turnstile::event
