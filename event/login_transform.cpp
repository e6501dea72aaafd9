#include "event/login_transform.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "core/json_text.hpp"
#include "core/quoting.hpp"
#include "event/error_record.hpp"

namespace turnstile::core {

namespace {

using enum login_field;

constexpr std::size_t pseudonym_token_bytes = pseudonym_bytes + 2;
constexpr std::size_t timestamp_token_bytes = timestamp_bytes_max + 2;

constexpr std::array<login_field, login_field_count> all_fields{
    user_id, ip, device_id, app_version, device_type, timestamp, locale};

constexpr std::size_t index_of(login_field f) { return static_cast<std::size_t>(f); }

constexpr bool is_pseudonymised(login_field f) { return f == ip || f == device_id; }

void append_name(std::string& list, login_field f) {
  list += list.empty() ? "" : ", ";
  list += name_of(f);
}

/// What stands between the quotes of a string token, unescaped: in place where nothing is escaped.
std::string_view unquoted(std::string_view token, std::string_view text, arena& memory) {
  if (token.size() == text.size() + 2) return token.substr(1, text.size());
  return memory.copy(text);
}

/// Whether it is what its name says, so that it holds no more than an event of this shape does.
bool is_of_its_type(const json_field& field) {
  constexpr time_rule every_form{.units = time_units::magnitude, .iso8601 = true};
  const bool is_time = field.known == timestamp;
  if (field.kind == json_kind::null) return true;
  if (field.kind == json_kind::number) return is_time;
  return field.kind == json_kind::string &&
         (!is_time || parse_timestamp_text(field.text, every_form).error.empty());
}

}  // namespace

login_transform::login_transform(const settings& options,
                                 std::shared_ptr<const core::pseudonymiser> pseudonyms)
  : pseudonyms_(std::move(pseudonyms)),
    value_bytes_max_(static_cast<std::size_t>(options.input.value_bytes_max)),
    origin_value_bytes_(origin_bytes(options.topics.input.size())),
    time_rule_{.units = options.input.timestamp_units == timestamp_units::magnitude
                            ? time_units::magnitude
                            : time_units::seconds,
               .iso8601 = options.input.timestamp_iso8601},
    timestamp_format_(options.output.timestamp_format),
    drop_unknown_(options.input.unknown_fields == unknown_fields::drop),
    app_versions_(options.filter.app_versions),
    record_keys_(options.privacy.record_keys),
    headers_(options.privacy.headers),
    error_content_(options.errors.content),
    errors_keep_unknown_(options.errors.unknown == unknown_fields::keep) {
  growth_max_ = 2 * pseudonym_token_bytes + timestamp_token_bytes;
  for (const login_field f : all_fields) {
    const auto found = options.input.missing_default.find(name_of(f));
    if (f == user_id || found == options.input.missing_default.end() || found->second.empty())
      continue;
    const default_value& value =
        defaults_[index_of(f)].emplace(default_value{found->second, quoted(found->second)});
    growth_max_ += name_of(f).size() + value.token.size() + 4;
  }
}

void login_transform::apply(const record_view& in, record_batch& batch, std::int64_t now_s) {
  reserve_slot(batch);
  output_record out = carry(in, batch.memory);
  if (const auto error = event_.parse(in.value, value_bytes_max_))
    return append_failed(std::move(out), batch, in, *error, stage::parse);
  if (const auto error = check())
    return append_failed(std::move(out), batch, in, *error, stage::validate);
  if (!is_kept()) {
    make_filtered(out, batch, now_s);
  } else if (!make_processed(out, batch)) {
    const event_error error{reason::too_large,
                            "Transformation error: the output exceeds max.message.bytes"};
    return append_failed(std::move(out), batch, in, error, stage::transform);
  }
  batch.outputs.push_back(std::move(out));
  output_record& made = batch.outputs.back();
  const std::string_view refusal = sure_refusal(made, *batch.layout, now_s);
  if (refusal.empty()) return;
  batch.failures.push_back(
      refused_output(batch, batch.outputs.size() - 1, reason::delivery_failed, refusal, 1));
  made.result = outcome::failed;
  made.topic = output_topic::errors;
}

std::string_view login_transform::text_of(login_field f) const {
  if (const json_field* field = present(f)) return field->text;
  return fallback(f) ? std::string_view(fallback(f)->text) : std::string_view();
}

std::optional<event_error> login_transform::check() {
  if (!is_complete()) {
    if (auto error = check_present()) return error;
    if (auto error = check_types()) return error;
  }
  return check_timestamp();
}

bool login_transform::is_complete() const {
  for (const login_field f : all_fields) {
    const json_field* field = event_.find(f);
    if (!field || (field->kind != json_kind::string && f != timestamp)) return false;
  }
  return event_.find(timestamp)->kind != json_kind::null && !event_.find(user_id)->text.empty();
}

std::optional<event_error> login_transform::check_present() const {
  const json_field* user = present(user_id);
  if (!user || (user->kind == json_kind::string && user->text.empty()))
    return event_error{reason::missing_fields, "Missing user_id"};
  std::string missing;
  for (const login_field f : all_fields)
    if (!present(f) && !fallback(f)) append_name(missing, f);
  if (missing.empty()) return std::nullopt;
  return event_error{reason::missing_fields, "Missing fields: " + missing};
}

std::optional<event_error> login_transform::check_types() const {
  std::string wrong;
  for (const login_field f : all_fields) {
    const json_field* field = present(f);
    if (f != timestamp && field && field->kind != json_kind::string) append_name(wrong, f);
  }
  if (wrong.empty()) return std::nullopt;
  return event_error{reason::wrong_type, "Wrong type: " + wrong};
}

std::optional<event_error> login_transform::check_timestamp() {
  const json_field* field = present(timestamp);
  parsed_timestamp parsed{0, 0, "neither a number nor a string"};
  if (!field || field->kind == json_kind::string)
    parsed = parse_timestamp_text(text_of(timestamp), time_rule_);
  else if (field->kind == json_kind::number)
    parsed = parse_timestamp_number(field->raw, time_rule_);
  epoch_s_ = parsed.epoch_s;
  if (parsed.error.empty()) return std::nullopt;
  return event_error{reason::bad_timestamp, "Bad timestamp: " + std::string(parsed.error)};
}

bool login_transform::is_kept() const {
  return app_versions_.empty() || std::find(app_versions_.begin(), app_versions_.end(),
                                            text_of(app_version)) != app_versions_.end();
}

char* login_transform::write_pseudonym(char* to, std::string_view value) const {
  *to = '"';
  to = pseudonyms_->write(to + 1, value);
  *to = '"';
  return to + 1;
}

char* login_transform::write_event_time(char* to) const {
  *to = '"';
  to = write_timestamp(to + 1, epoch_s_, timestamp_format_);
  *to = '"';
  return to + 1;
}

char* login_transform::write_default(char* to, login_field f) const {
  if (f == timestamp) return write_event_time(to);
  if (is_pseudonymised(f)) return write_pseudonym(to, fallback(f)->text);
  return write_bytes(to, fallback(f)->token);
}

char* login_transform::write_value(char* to, const json_field& field, form as) const {
  if (field.known) {
    if (as == form::output && field.kind == json_kind::null && fallback(*field.known))
      return write_default(to, *field.known);
    if (is_pseudonymised(*field.known) && field.kind == json_kind::string)
      return write_pseudonym(to, field.text);
    if (as == form::output && *field.known == timestamp) return write_event_time(to);
  }
  if (field.kind >= json_kind::object) return write_compact(to, field.raw);
  return write_bytes(to, field.raw);
}

login_transform::written login_transform::write_object(arena& memory, form as) const {
  const std::size_t bytes_max = event_.value_bytes() + growth_max_ + 2;
  written done;
  char* const begin = memory.reserve(bytes_max);
  char* to = begin;
  *to++ = '{';
  const bool has_all = as != form::error;
  const bool has_unknown = !drop_unknown_ && (has_all || errors_keep_unknown_);
  for (const json_field& field : event_.fields()) {
    if (!(field.known ? has_all || is_of_its_type(field) : has_unknown)) continue;
    to = write_bytes(to, field.key);
    *to++ = ':';
    char* const token = to;
    to = write_value(to, field, as);
    if (field.known)
      done.tokens[index_of(*field.known)] = {token, static_cast<std::size_t>(to - token)};
    *to++ = ',';
  }
  for (const login_field f : all_fields) {
    if (as != form::output || !fallback(f) || event_.find(f)) continue;
    *to++ = '"';
    to = write_bytes(to, name_of(f));
    to = write_bytes(to, "\":");
    char* const token = to;
    to = write_default(to, f);
    done.tokens[index_of(f)] = {token, static_cast<std::size_t>(to - token)};
    *to++ = ',';
  }
  if (to[-1] == ',') --to;
  *to++ = '}';
  done.object = {begin, static_cast<std::size_t>(to - begin)};
  assert(done.object.size() <= bytes_max);
  return done;
}

bool login_transform::make_processed(output_record& out, record_batch& batch) const {
  const written done = write_object(batch.memory, form::output);
  out.value = done.object;
  if (wire_bytes(out, origin_value_bytes_) > batch.layout->bytes_max(output_topic::processed)) {
    out.value = {};
    return false;
  }
  static_cast<void>(batch.memory.commit(done.object.size()));
  const auto token = [&done](login_field f) { return done.tokens[index_of(f)]; };
  out.user_id = token(user_id);
  out.device_type = unquoted(token(device_type), text_of(device_type), batch.memory);
  out.locale = unquoted(token(locale), text_of(locale), batch.memory);
  if (error_content_ == error_content::none) return true;
  const json_field* field = present(timestamp);
  out.source_timestamp = batch.memory.copy(field ? field->raw : fallback(timestamp)->token);
  out.timestamp_at = static_cast<std::uint32_t>(token(timestamp).data() - out.value.data());
  out.formatted_timestamp_bytes = static_cast<std::uint32_t>(token(timestamp).size());
  out.known_fields_only = hides_unknown();
  return true;
}

void login_transform::make_filtered(output_record& out, record_batch& batch,
                                    std::int64_t now_s) const {
  const std::string_view content = write_object(batch.memory, form::cleaned).object;
  static_cast<void>(batch.memory.commit(content.size()));
  std::array<char, timestamp_bytes_max> time;
  char* const time_end = write_timestamp(time.data(), now_s, timestamp_format::datetime);
  const std::array<std::string_view, 3> after{
      "\"clean_type\":\"filtered_app_version\",\"timestamp\":\"", {time.data(), time_end}, "\""};
  out.result = outcome::filtered;
  out.topic = output_topic::cleaned;
  write_wrapped(out, batch.memory, {event_.find(user_id)->raw, {}, content, after}, {},
                batch.layout->bytes_max(output_topic::cleaned), origin_value_bytes_);
  if (error_content_ == error_content::none) out.content = {};
  out.known_fields_only = hides_unknown();
}

bool login_transform::hides_unknown() const {
  return error_content_ == error_content::pseudonymised && !errors_keep_unknown_ &&
         event_.has_unknown();
}

std::string_view login_transform::user_id_token() const {
  const json_field* field = present(user_id);
  const bool scalar = field && field->kind < json_kind::object;
  if (!scalar || (field->kind == json_kind::string && field->text.empty())) return {};
  return field->raw;
}

std::string_view login_transform::content_for_error(const record_view& in, arena& memory) const {
  if (error_content_ == error_content::none) return {};
  if (error_content_ == error_content::pseudonymised)
    return memory.commit(write_object(memory, form::error).object.size());
  char* const begin = memory.reserve(in.value->size());
  return memory.commit(static_cast<std::size_t>(write_compact(begin, *in.value) - begin));
}

void login_transform::append_failed(output_record&& out, record_batch& batch, const record_view& in,
                                    const event_error& error, stage where) const {
  out.result = outcome::failed;
  out.topic = output_topic::errors;
  failure failed;
  failed.slot = batch.outputs.size();
  failed.reason = error.reason;
  failed.stage = where;
  failed.error_type = batch.memory.copy(error.error_type);
  if (where != stage::parse) failed.user_id = batch.memory.copy(user_id_token());
  if (may_repeat_content(error.reason)) failed.content = content_for_error(in, batch.memory);
  batch.outputs.push_back(std::move(out));
  batch.failures.push_back(failed);
}

maybe_bytes login_transform::carry_bytes(const maybe_bytes& bytes, core::carry how,
                                         arena& memory) const {
  if (!bytes) return std::nullopt;
  if (how == core::carry::keep) return memory.copy(*bytes);
  static_cast<void>(pseudonyms_->write(memory.reserve(pseudonym_bytes), *bytes));
  return memory.commit(pseudonym_bytes);
}

output_record login_transform::carry(const record_view& in, arena& memory) const {
  output_record out = record_transform::carry(in, memory);
  if (record_keys_ != core::carry::drop) out.key = carry_bytes(in.key, record_keys_, memory);
  if (headers_ == core::carry::drop || in.headers.empty()) return out;
  const auto headers = memory.make<header_view>(in.headers.size());
  std::size_t count = 0;
  for (const header_view& header : in.headers)
    if (!is_own_header(header.name))
      headers[count++] = {memory.copy(header.name), carry_bytes(header.value, headers_, memory)};
  out.headers = headers.first(count);
  return out;
}

}  // namespace turnstile::core
