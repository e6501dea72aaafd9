#include "app/shadow/difference.hpp"

#include <algorithm>
#include <utility>

#include "app/shadow/json_difference.hpp"
#include "core/quoting.hpp"
#include "event/path.hpp"

namespace turnstile::shadow {

namespace {

constexpr std::string_view content_name = "message_content";

/// A path whose text has a colon could be taken for another part of the record.
std::string name_of_path(const event::path& at) {
  if (at.steps.empty()) return std::string(record_part) + "value";
  std::string text = event::path_text(at);
  if (text.find(':') == std::string::npos || text.starts_with('"')) return text;
  const auto& first = at.steps.front().name;
  std::string rest = text.substr(first.size());
  return core::quoted(first) + rest;
}

class collector {
public:
  void add(std::string name, std::string_view before, std::string_view after) {
    if (found_.size() == differences_max) return;
    if (std::ranges::find(found_, name, &difference::name) != found_.end()) return;
    found_.push_back({std::move(name), std::string(before), std::string(after)});
  }

  void add_part(std::string_view part, const core::maybe_bytes& before,
                const core::maybe_bytes& after) {
    if (before == after) return;
    add(std::string(record_part) + std::string(part), shown(before), shown(after));
  }

  void add_event(std::string_view before, std::string_view after) {
    walk_differences({}, before, after, [this](const event::path& at, auto old, auto made) {
      add(name_of_path(at), old, made);
    });
  }

  /// Of errors and filtered records: what wraps the event, and the event.
  void add_wrapped(std::string_view before, std::string_view after) {
    if (before == after) return;
    const auto each = [this](std::string_view name, std::string_view old, std::string_view made) {
      if (old == made) return;
      if (name == content_name) return add_event(old, made);
      add(std::string(record_part) + std::string(name), old, made);
    };
    if (!walk_members(closed(before), closed(after), each)) add_part("value", before, after);
  }

  void add_headers(std::span<const core::header_view> before,
                   std::span<const core::header_view> after) {
    std::vector<core::header_view> made(after.begin(), after.end());
    for (const auto& header : before) {
      const auto same = std::ranges::find(made, header.name, &core::header_view::name);
      const bool is_there = same != made.end();
      if (!is_there || same->value != header.value)
        add(header_name(header), shown(header.value), is_there ? shown(same->value) : "");
      if (is_there) made.erase(same);
    }
    for (const auto& header : made) add(header_name(header), "", shown(header.value));
  }

  [[nodiscard]] std::vector<difference> found() && { return std::move(found_); }

private:
  static std::string header_name(const core::header_view& header) {
    return std::string(header_part) + std::string(header.name);
  }
  static std::string shown(const core::maybe_bytes& bytes) {
    return bytes ? core::quoted(*bytes) : "null";
  }
  /// What was cut behind the last member is put back.
  static std::string closed(std::string_view value) {
    return std::string(value) + (is_closed(value) ? "" : "}");
  }
  static bool is_closed(std::string_view value) {
    std::ptrdiff_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      if (in_string && c == '\\') ++i;
      if (c == '"') in_string = !in_string;
      if (in_string) continue;
      if (c == '{') ++depth;
      if (c == '}') --depth;
    }
    return depth <= 0;
  }

  std::vector<difference> found_;
};

}  // namespace

std::vector<difference> find_differences(const unpacked& before, const unpacked& after,
                                         std::size_t frame_bytes) {
  collector to;
  to.add_part("key", before.of.key, after.of.key);
  to.add_headers(before.of.headers, after.of.headers);
  const auto& old = before.of.value;
  const auto& made = after.of.value;
  if (!old || !made) {
    to.add_part("value", old, made);
  } else if (before.of.end == processed) {
    const auto frame = [frame_bytes](std::string_view v) { return v.substr(0, frame_bytes); };
    to.add_part("frame", frame(*old), frame(*made));
    to.add_event(old->substr(std::min(frame_bytes, old->size())),
                 made->substr(std::min(frame_bytes, made->size())));
  } else {
    to.add_wrapped(*old, *made);
  }
  auto found = std::move(to).found();
  // The order of headers, say.
  if (found.empty()) found.push_back({std::string(record_part) + "bytes", "", ""});
  return found;
}

}  // namespace turnstile::shadow
