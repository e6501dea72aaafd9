#include "event/source_content.hpp"

#include "core/json_text.hpp"

namespace turnstile::event {

std::string_view source_content(const core::output_record& record, core::arena& memory) {
  const std::string_view from = record.content;
  if (record.edits.empty()) return from;
  std::size_t room = from.size();
  for (const core::source_edit& edit : record.edits) room += edit.with.size();
  char* const begin = memory.reserve(room);
  char* to = begin;
  std::size_t at = 0;
  for (const core::source_edit& edit : record.edits) {
    to = core::write_bytes(to, from.substr(at, edit.at - at));
    at = std::size_t{edit.at} + edit.bytes;
    if (!edit.with.empty()) {
      to = core::write_bytes(to, edit.with);
    } else if (from[at] == ',') {
      ++at;
    } else if (to[-1] == ',') {
      --to;
    }
  }
  to = core::write_bytes(to, from.substr(at));
  return memory.commit(static_cast<std::size_t>(to - begin));
}

}  // namespace turnstile::event
