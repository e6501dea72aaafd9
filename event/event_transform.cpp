#include "event/event_transform.hpp"

#include <array>
#include <utility>

#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/own_headers.hpp"
#include "core/timestamps.hpp"
#include "event/error_record.hpp"

namespace turnstile::event {

using core::json_kind;
using core::reason;

namespace {

event_error bad_value(std::string_view where) {
  return {reason::bad_value, "Bad value: " + std::string(where)};
}

/// An id is a string, a number or a boolean.
std::string_view as_id(std::string_view token) {
  const bool is_id = !token.empty() && token.front() != '{' && token.front() != '[' &&
                     token.front() != 'n' && token != "\"\"";
  return is_id ? token : std::string_view();
}

}  // namespace

event_transform::event_transform(const core::settings& options, std::shared_ptr<const plan> rules,
                                 const std::optional<seal_key>& seal)
  : plan_(std::move(rules)),
    value_bytes_max_(static_cast<std::size_t>(options.input.value_bytes_max)),
    origin_value_bytes_(core::origin_bytes(options.topics.input.size())),
    error_content_(options.errors.content),
    repeats_outputs_(error_content_ == core::error_content::pseudonymised ||
                     error_content_ == core::error_content::raw),
    event_(plan_->paths()),
    checks_(*plan_, event_),
    writer_(*plan_, event_, checks_,
            {.keeps_source = repeats_outputs_,
             .errors_keep_unknown = error_content_ == core::error_content::raw ||
                                    options.errors.unknown == core::unknown_fields::keep}) {
  if (error_content_ == core::error_content::sealed && seal) sealer_.emplace(*seal);
}

void event_transform::end_batch() {
  if (sealer_) sealer_->forget();
}

void event_transform::apply(const core::record_view& in, core::record_batch& batch,
                            std::int64_t now_s) {
  core::reserve_slot(batch);
  core::output_record out;
  unfit_ = carry_into(out, in, batch.memory);
  out.key_id = batch.key_id();
  if (!in.value && plan_->tombstones() == core::tombstone_policy::pass) {
    static_cast<void>(event_.parse({}, 0));
    if (!unfit_.empty())
      return append_failed(std::move(out), in, batch, bad_value(unfit_), core::stage::validate);
    out.is_tombstone = true;
    return append_made(std::move(out), in, batch, now_s);
  }
  if (const auto error = event_.parse(in.value, value_bytes_max_, plan_->frame_bytes()))
    return append_failed(std::move(out), in, batch, *error, core::stage::parse);
  auto error = checks_.check();
  if (!error && !unfit_.empty()) error = bad_value(unfit_);
  if (!error) error = make_output(in, out, batch, now_s);
  batch.unknown_fields += writer_.take_unknown();
  if (error && error->reason == reason::unknown_field) tell_unknown(in, batch);
  if (error) {
    const bool is_made = error->reason == reason::too_large;
    return append_failed(std::move(out), in, batch, *error,
                         is_made ? core::stage::transform : core::stage::validate);
  }
  append_made(std::move(out), in, batch, now_s);
}

void event_transform::tell_unknown(const core::record_view& in,
                                   const core::record_batch& batch) const {
  const json_field* const field = first_unknown(*plan_, event_);
  const std::string path = field == nullptr ? std::string() : shown_path(event_, *field);
  if (!plan_->unknown_seen().is_first(path)) return;
  core::log_warning("unknown field",
                    {{"path", path},
                     {"partition", std::int64_t{batch.source.assignment().partition}},
                     {"offset", in.offset}});
}

void event_transform::append_made(core::output_record&& out, const core::record_view& in,
                                  core::record_batch& batch, std::int64_t now_s) {
  batch.outputs.push_back(std::move(out));
  core::output_record& made = batch.outputs.back();
  const std::string_view refusal = sure_refusal(made, *batch.layout, now_s);
  if (refusal.empty()) return;
  batch.failures.push_back(
      refused_output(batch, batch.outputs.size() - 1, reason::delivery_failed, refusal, 1));
  if (sealer_ && in.value) add_sealed(batch.failures.back(), *in.value, batch);
  made.result = core::outcome::failed;
  made.topic = core::output_topic::errors;
}

event_transform::maybe_error event_transform::make_output(const core::record_view& in,
                                                          core::output_record& out,
                                                          core::record_batch& batch,
                                                          std::int64_t now_s) {
  const condition* const by = checks_.filtered_by();
  return by == nullptr ? make_processed(in, out, batch) : make_filtered(*by, out, batch, now_s);
}

event_transform::maybe_error event_transform::make_processed(const core::record_view& in,
                                                             core::output_record& out,
                                                             core::record_batch& batch) {
  const std::string_view frame = in.value->substr(0, plan_->frame_bytes());
  out.value = writer_.write(batch.memory, event_writer::form::output, frame);
  if (writer_.has_refused()) {
    out.value = {};
    return bad_value(writer_.refused());
  }
  if (wire_bytes(out, origin_value_bytes_) >
      batch.layout->bytes_max(core::output_topic::processed)) {
    out.value = {};
    return event_error{reason::too_large,
                       "Transformation error: the output exceeds max.message.bytes"};
  }
  static_cast<void>(batch.memory.commit(out.value.size()));
  out.user_id = id_token(batch.memory);
  note_counted(out, batch.memory);
  if (!repeats_outputs_) return std::nullopt;
  out.content = out.value.substr(frame.size());
  note_edits(out, batch.memory);
  return std::nullopt;
}

event_transform::maybe_error event_transform::make_filtered(const condition& by,
                                                            core::output_record& out,
                                                            core::record_batch& batch,
                                                            std::int64_t now_s) {
  const std::size_t bytes = writer_.write(batch.memory, event_writer::form::cleaned).size();
  if (writer_.has_refused()) return bad_value(writer_.refused());
  const std::string_view content = batch.memory.commit(bytes);
  std::array<char, core::timestamp_bytes_max> time;
  char* const time_end =
      core::write_timestamp(time.data(), now_s, core::timestamp_format::datetime);
  const std::array<std::string_view, 5> after{
      "\"clean_type\":\"", by.clean_type, "\",\"timestamp\":\"", {time.data(), time_end}, "\""};
  out.result = core::outcome::filtered;
  out.topic = core::output_topic::cleaned;
  write_wrapped(out, batch.memory, {id_token(batch.memory), {}, content, after}, {},
                batch.layout->bytes_max(core::output_topic::cleaned), origin_value_bytes_);
  const bool is_whole = out.content.size() == content.size();
  if (!repeats_outputs_) out.content = {};
  if (is_whole && !out.content.empty()) note_edits(out, batch.memory);
  return std::nullopt;
}

void event_transform::note_edits(core::output_record& out, core::arena& memory) const {
  const auto& edits = writer_.edits();
  if (edits.empty()) return;
  const auto kept = memory.make<core::source_edit>(edits.size());
  for (std::size_t i = 0; i < edits.size(); ++i) {
    kept[i] = edits[i];
    if (!edits[i].with.empty()) kept[i].with = memory.copy(edits[i].with);
  }
  out.edits = kept;
}

void event_transform::note_counted(core::output_record& out, core::arena& memory) const {
  const auto paths = plan_->counted();
  if (paths.empty()) return;
  const auto texts = memory.make<std::string_view>(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) texts[i] = counted_text(paths[i], memory);
  out.counted = texts;
}

std::string_view event_transform::counted_text(const watched_path& path,
                                               core::arena& memory) const {
  if (path.place == none) return {};
  const json_field* const field = event_.find(path.place);
  std::string_view token = writer_.token(plan_->slot_of(path.place));
  const bool is_copied_text = path.copies_strings && field != nullptr && !token.empty() &&
                              field->kind == json_kind::string &&
                              field->text.size() + 2 == field->raw.size();
  if (is_copied_text) return {token.data() + 1, token.size() - 2};
  if (token.empty() && field != nullptr) token = treated(*field, memory);
  if (token.empty() || token == "null") return {};
  const bool is_escaped = token.front() == '"' && token.find('\\') != std::string_view::npos;
  const bool is_as_it_was = field != nullptr && token.size() == field->raw.size();
  if (is_escaped && is_as_it_was && !plan_->is_personal(*field)) return memory.copy(field->text);
  return text_of_token(token, memory);
}

std::string_view event_transform::id_token(core::arena& memory) const {
  if (!plan_->id()) return {};
  const std::string_view token = writer_.token(plan_->slot_of(plan_->id()->place));
  return token.empty() ? failed_id(memory) : as_id(token);
}

std::string_view event_transform::failed_id(core::arena& memory) const {
  if (!plan_->id()) return {};
  const json_field* const field = event_.find(plan_->id()->place);
  return field == nullptr ? std::string_view() : as_id(treated(*field, memory));
}

/// The value alone, as its rule has it; empty where there is none to show.
std::string_view event_transform::treated(const json_field& field, core::arena& memory) const {
  if (field.kind >= json_kind::object) return {};
  if (field.rule == none) {
    const bool is_hidden = plan_->paths().at(field.state).inside == inside::hidden;
    return is_hidden ? std::string_view() : memory.copy(field.raw);
  }
  const field_plan& rule = plan_->rule(field.rule);
  const json_value value = value_of(field);
  if (rule.is_absent(value)) return {};
  if (rule.method == nullptr) return rule.truncates() ? std::string_view() : memory.copy(field.raw);
  char* const begin = memory.reserve(rule.method->bytes_max(field.raw.size()));
  char* end = begin;
  if (rule.method->apply(value, end) != applied::written) return {};
  return memory.commit(static_cast<std::size_t>(end - begin));
}

void event_transform::add_content(core::failure& failed, const core::record_view& in,
                                  core::record_batch& batch) {
  core::arena& memory = batch.memory;
  switch (error_content_) {
    case core::error_content::none:
      return;
    case core::error_content::sealed:
      if (in.value) add_sealed(failed, *in.value, batch);
      return;
    case core::error_content::pseudonymised:
    case core::error_content::raw:
      break;
  }
  if (!core::may_repeat_content(failed.reason) || event_.value().empty()) return;
  if (error_content_ == core::error_content::pseudonymised) {
    failed.content = memory.commit(writer_.write(memory, event_writer::form::error).size());
    return;
  }
  char* const begin = memory.reserve(event_.value().size());
  failed.content =
      memory.commit(static_cast<std::size_t>(core::write_compact(begin, event_.value()) - begin));
}

void event_transform::add_sealed(core::failure& failed, std::string_view input,
                                 core::record_batch& batch) {
  if (!sealer_) return;
  failed.content_left_out =
      sealer_->bytes(input.size()) > batch.layout->bytes_max(core::output_topic::errors);
  if (!failed.content_left_out) failed.content = sealer_->seal(input, batch.memory);
}

void event_transform::append_failed(core::output_record&& out, const core::record_view& in,
                                    core::record_batch& batch, const event_error& error,
                                    core::stage where) {
  out.result = core::outcome::failed;
  out.topic = core::output_topic::errors;
  core::failure failed;
  failed.slot = batch.outputs.size();
  failed.reason = error.reason;
  failed.stage = where;
  failed.error_type = batch.memory.copy(error.error_type);
  add_content(failed, in, batch);
  if (where != core::stage::parse) failed.user_id = failed_id(batch.memory);
  batch.outputs.push_back(std::move(out));
  batch.failures.push_back(failed);
}

std::string event_transform::carry_into(core::output_record& out, const core::record_view& in,
                                        core::arena& memory) const {
  std::string unfit;
  out = record_transform::carry(in, memory);
  if (in.key && plan_->key().apply(*in.key, memory, out.key) == applied::invalid) unfit = "key";
  if (in.headers.empty()) return unfit;
  const auto headers = memory.make<core::header_view>(in.headers.size());
  std::size_t count = 0;
  for (const core::header_view& header : in.headers) {
    if (core::is_own_header(header.name)) continue;
    const bytes_method& method = plan_->header(header.name);
    core::maybe_bytes value;
    const applied done = header.value     ? method.apply(*header.value, memory, value)
                         : method.drops() ? applied::dropped
                                          : applied::written;
    if (done == applied::invalid && unfit.empty()) unfit = "header " + std::string(header.name);
    if (done == applied::written) headers[count++] = {memory.copy(header.name), value};
  }
  out.headers = headers.first(count);
  return unfit;
}

core::output_record event_transform::carry(const core::record_view& in, core::arena& memory) const {
  core::output_record out;
  static_cast<void>(carry_into(out, in, memory));
  return out;
}

}  // namespace turnstile::event
