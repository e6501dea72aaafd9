#include "event/error_record.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/json_text.hpp"
#include "core/quoting.hpp"
#include "core/timestamps.hpp"
#include "event/source_content.hpp"

namespace turnstile::event {

namespace {

constexpr std::string_view unknown_user = "\"Unknown\"";
constexpr std::string_view no_content = "{}";
constexpr std::string_view before_user = "{\"user_id\":";
constexpr std::string_view before_content = "\"message_content\":";

/// A batch of format v2 with one record: the batch's header, then the record's own varints.
constexpr std::size_t batch_bytes = 61;
constexpr std::size_t record_varint_bytes = 40;
constexpr std::size_t header_varint_bytes = 10;

std::size_t bytes_of(const core::maybe_bytes& bytes) { return bytes ? bytes->size() : 0; }

std::size_t bytes_of(std::span<const core::header_view> headers) {
  std::size_t bytes = 0;
  for (const core::header_view& h : headers)
    bytes += h.name.size() + bytes_of(h.value) + header_varint_bytes;
  return bytes;
}

std::size_t bytes_of(std::span<const std::string_view> pieces) {
  std::size_t bytes = 0;
  for (const std::string_view piece : pieces) bytes += piece.size();
  return bytes;
}

std::size_t bytes_of(const wrapped_event& event) {
  return before_user.size() + event.user_id.size() + 1 + bytes_of(event.before) +
         before_content.size() + event.content.size() + 1 + bytes_of(event.after) + 1;
}

std::size_t key_id_bytes(const core::output_record& record) {
  if (record.key_id.empty()) return 0;
  return core::key_id_header.size() + record.key_id.size() + header_varint_bytes;
}

std::size_t overhead(std::size_t origin_value_bytes) {
  return batch_bytes + record_varint_bytes + core::origin_header.size() + origin_value_bytes +
         header_varint_bytes + core::origin_timestamp_header.size() +
         core::origin_timestamp_bytes_max + header_varint_bytes;
}

/// A wrapped record on the scales: gives up one part after the other until it fits.
struct fitting {
  wrapped_event event;
  core::maybe_bytes key;
  std::span<const core::header_view> carried;
  std::size_t fixed_bytes;  ///< Overhead and own headers.
  std::size_t bytes_max;
  std::string gone;

  [[nodiscard]] bool fits() const {
    std::size_t bytes = fixed_bytes + bytes_of(event) + bytes_of(key) + bytes_of(carried);
    if (!gone.empty()) bytes += core::truncated_header.size() + gone.size() + header_varint_bytes;
    return bytes <= bytes_max;
  }
  void note(std::string_view part) {
    if (!gone.empty()) gone += ',';
    gone += part;
  }
  void fit() {
    if (!fits() && event.content != no_content) {
      event.content = no_content;
      note("content");
    }
    if (!fits() && !carried.empty()) {
      carried = {};
      note("headers");
    }
    if (!fits() && key) {
      key.reset();
      note("key");
    }
    if (!fits() && event.user_id != unknown_user) {
      event.user_id = unknown_user;
      note("user_id");
    }
  }
};

struct wrapped_text {
  std::string_view value, user_id, content;
};

char* write_pieces(char* to, std::span<const std::string_view> pieces) {
  for (const std::string_view piece : pieces) to = core::write_bytes(to, piece);
  return to;
}

wrapped_text write_value(core::arena& memory, const wrapped_event& event) {
  char* const begin = memory.reserve(bytes_of(event));
  char* to = core::write_bytes(begin, before_user);
  const std::string_view user_id(to, event.user_id.size());
  to = core::write_bytes(to, event.user_id);
  to = core::write_bytes(to, ",");
  to = write_pieces(to, event.before);
  to = core::write_bytes(to, before_content);
  const std::string_view content(to, event.content.size());
  to = core::write_bytes(to, event.content);
  to = core::write_bytes(to, ",");
  to = write_pieces(to, event.after);
  to = core::write_bytes(to, "}");
  return {memory.commit(static_cast<std::size_t>(to - begin)), user_id, content};
}

/// With JSON's escapes, without the quotes.
std::string_view escaped(std::string_view text, core::arena& memory) {
  if (core::is_plain(text)) return text;
  std::string out;
  core::append_escaped(out, text);
  return memory.copy(out);
}

}  // namespace

std::size_t wire_bytes(const core::output_record& record, std::size_t origin_value_bytes) {
  return overhead(origin_value_bytes) + key_id_bytes(record) + bytes_of(record.key) +
         record.value.size() + bytes_of(record.headers);
}

void write_wrapped(core::output_record& record, core::arena& memory, const wrapped_event& event,
                   std::span<const core::header_view> own_headers, std::size_t bytes_max,
                   std::size_t origin_value_bytes) {
  fitting parts{
      event,          record.key,
      record.headers, overhead(origin_value_bytes) + key_id_bytes(record) + bytes_of(own_headers),
      bytes_max,      {}};
  if (parts.event.user_id.empty()) parts.event.user_id = unknown_user;
  if (parts.event.content.empty()) parts.event.content = no_content;
  if (event.content_left_out) parts.note("content");
  parts.fit();

  const bool truncated = !parts.gone.empty();
  const auto headers = memory.make<core::header_view>(parts.carried.size() + own_headers.size() +
                                                      (truncated ? 1 : 0));
  const auto own = std::ranges::copy(parts.carried, headers.begin()).out;
  std::ranges::copy(own_headers, own);
  if (truncated) headers.back() = {core::truncated_header, memory.copy(parts.gone)};

  const wrapped_text text = write_value(memory, parts.event);
  record.value = text.value;
  record.user_id = text.user_id;
  record.content = text.content;
  record.key = parts.key;
  record.headers = headers;
}

void write_error_record(core::record_batch& batch, const core::failure& failed,
                        std::string_view worker_id, std::int64_t now_s,
                        std::size_t origin_value_bytes, const foreign_headers& foreign) {
  core::output_record& record = batch.outputs[failed.slot];
  const auto replaced = std::ranges::remove_if(
      record.headers,
      [&foreign](std::string_view name) {
        return core::is_own_header(name) || is_foreign_header(name, foreign.style);
      },
      &core::header_view::name);
  record.headers =
      with_foreign_headers(record.headers.first(record.headers.size() - replaced.size()), foreign,
                           batch, failed, worker_id);
  record.result = core::outcome::failed;
  record.topic = core::output_topic::errors;
  record.is_tombstone = false;
  record.counted = {};
  record.edits = {};
  const core::record_rules& rules = batch.layout->rules_of(core::output_topic::errors);
  if (rules.refuse_timestamp(record.timestamp_ms, now_s * 1000)) record.timestamp_refused = true;

  const std::string_view why = core::name_of(failed.reason);
  const std::array<std::string_view, 5> before{"\"error_type\":\"",
                                               escaped(failed.error_type, batch.memory),
                                               "\",\"reason\":\"", why, "\","};
  std::array<char, core::timestamp_bytes_max> time;
  char* const time_end =
      core::write_timestamp(time.data(), now_s, core::timestamp_format::datetime);
  const std::array<std::string_view, 3> after{"\"timestamp\":\"", {time.data(), time_end}, "\""};
  const std::array<core::header_view, 4> own{
      {{core::reason_header, why},
       {core::stage_header, core::name_of(failed.stage)},
       {core::worker_header, batch.memory.copy(worker_id)},
       {core::attempts_header, batch.memory.copy(std::to_string(failed.attempts))}}};
  write_wrapped(record, batch.memory,
                {failed.user_id, before, failed.content, after, failed.content_left_out}, own,
                batch.layout->bytes_max(core::output_topic::errors), origin_value_bytes);
  record.content = {};
}

std::string_view sure_refusal(const core::output_record& record, const core::topic_layout& layout,
                              std::int64_t now_s) {
  const core::record_rules& rules = layout.rules_of(record.topic);
  if (rules.needs_key && !record.key)
    return "the output topic is compacted and takes no record without a key";
  if (rules.refuse_timestamp(record.timestamp_ms, now_s * 1000))
    return "the output topic takes no record with such a timestamp";
  return {};
}

core::failure refused_output(core::record_batch& batch, std::size_t slot, core::reason why,
                             std::string_view error_text, std::uint32_t attempts) {
  const core::output_record& record = batch.outputs[slot];
  core::failure failed;
  failed.slot = slot;
  failed.reason = why;
  failed.stage = core::stage::publish;
  failed.error_type = batch.memory.copy("Publishing error: " + std::string(error_text));
  failed.user_id = record.user_id;
  if (core::may_repeat_content(why)) failed.content = source_content(record, batch.memory);
  failed.attempts = attempts;
  return failed;
}

}  // namespace turnstile::event
