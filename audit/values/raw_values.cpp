#include "audit/values/raw_values.hpp"

#include <algorithm>
#include <cstring>

#include "audit/values/addresses.hpp"
#include "core/own_headers.hpp"
#include "event/event_checks.hpp"

namespace turnstile::audit {

namespace {

// Shorter ones are parts of other words, so that only the whole JSON string is looked for.
constexpr std::size_t word_bytes_min = 7;

/// Whoever writes inputs chooses both: std::string_view::find can be made to take their product.
bool holds(std::string_view bytes, std::string_view text) {
  return ::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

bool holds_twice(std::string_view bytes, std::string_view text) {
  const void* const first = ::memmem(bytes.data(), bytes.size(), text.data(), text.size());
  if (first == nullptr) return false;
  const auto at = static_cast<std::size_t>(static_cast<const char*>(first) - bytes.data());
  return holds(bytes.substr(at + text.size()), text);
}

/// What is looked for in place of a value: a short one is a part of any pseudonym.
std::string looked_for(std::string_view text) {
  return text.size() < word_bytes_min ? "\"" + std::string(text) + "\"" : std::string(text);
}

bool holds_in_own_headers(const core::record_view& output, std::string_view text) {
  return std::ranges::any_of(output.headers, [text](const core::header_view& header) {
    return core::is_own_header(header.name) && header.value && holds(*header.value, text);
  });
}

bool is_readable(const core::record_view& output, std::string_view text) {
  return (output.value && holds(*output.value, text)) || holds_in_own_headers(output, text);
}

/// A short one by chance in any pseudonym, so only as the whole.
bool shows_bytes(const core::maybe_bytes& shown, std::string_view bytes) {
  if (!shown) return false;
  return bytes.size() < word_bytes_min ? *shown == bytes : holds(*shown, bytes);
}

}  // namespace

raw_values::raw_values(const core::event_rules& rules, std::size_t bytes_max)
  : rules_(event::without_secrets(rules), event::make_method_keys(nullptr, nullptr, nullptr)),
    event_(rules_.paths()),
    bytes_max_(bytes_max) {
  for (const auto& field : rules.fields) lists_.push_back(field.method.list);
}

void raw_values::add_input(std::int32_t partition, const core::record_view& input) {
  if (full()) return;
  values_of_one found;
  add_placed(found.placed, rules_.key(), {}, input.key);
  for (const core::header_view& header : input.headers)
    if (!core::is_own_header(header.name))
      add_placed(found.placed, rules_.header(header.name), header.name, header.value);
  if (input.value) {
    const bool is_event = !event_.parse(*input.value, event::json_bytes_max, rules_.frame_bytes());
    if (is_event) found.personal = personal_texts();
    if (!is_event) ++counts_.no_event;
    for (std::string& address : addresses_in(*input.value))
      if (!is_event || !repeats(address)) found.addresses.push_back(looked_for(address));
  }
  keep(partition, input.offset, std::move(found));
}

void raw_values::keep(std::int32_t partition, std::int64_t offset, values_of_one&& found) {
  const std::size_t values = found.personal.size() + found.addresses.size() + found.placed.size();
  if (values == 0) return;
  for (const auto& personal : found.personal) {
    bytes_ += personal.text.size();
    common_.add(personal.text);
  }
  for (const auto& address : found.addresses) bytes_ += address.size();
  for (const auto& placed : found.placed) bytes_ += placed.header.size() + placed.bytes.size();
  const auto p = static_cast<std::size_t>(partition);
  if (by_partition_.size() <= p) by_partition_.resize(p + 1);
  by_partition_[p].emplace(offset, std::move(found));
  ++kept_;
  counts_.inputs = static_cast<std::int64_t>(kept_);
  counts_.looked_for += static_cast<std::int64_t>(values);
}

void raw_values::add_placed(std::vector<placed_bytes>& to, const event::bytes_method& method,
                            std::string_view header, const core::maybe_bytes& bytes) {
  if (method.keeps() || !bytes || bytes->empty()) return;
  core::arena memory;
  core::maybe_bytes made;
  const auto done = method.apply(*bytes, memory, made);
  if (done == event::applied::written && made == bytes) return;
  to.push_back({std::string(header), std::string(*bytes)});
}

std::vector<raw_values::personal_text> raw_values::personal_texts() {
  std::vector<personal_text> texts;
  for (const auto& field : event_.fields()) {
    if (!rules_.is_personal(field) || field.kind == core::json_kind::null) continue;
    if (is_as_it_came(field)) continue;
    const bool is_text = field.kind == core::json_kind::string;
    add_text(texts, is_text ? field.raw.substr(1, field.raw.size() - 2) : field.raw, is_text);
    if (is_text && field.text != field.raw.substr(1, field.raw.size() - 2) &&
        field.text.size() >= word_bytes_min)
      texts.push_back({std::string(field.text)});
    add_parts(texts, field);
  }
  return texts;
}

/// Two digits stand anywhere, and so may a country's code stand in a place that is kept.
void raw_values::add_text(std::vector<personal_text>& to, std::string_view inner, bool is_text) {
  if (inner.empty()) return;
  const bool is_short = inner.size() < word_bytes_min;
  if (is_short && !is_text) {
    ++counts_.too_short;
    return;
  }
  std::string text = looked_for(inner);
  const bool elsewhere = holds_twice(event_.value(), text);
  if (is_short && elsewhere)
    ++counts_.too_short;
  else
    to.push_back({std::move(text), elsewhere});
}

/// Also what is in a value that is treated as a whole: the elements of a list, the strings of an
/// object.
void raw_values::add_parts(std::vector<personal_text>& to, const event::json_field& field) {
  if (field.kind >= core::json_kind::object) {
    for (const std::string_view inner : strings_in(field.raw))
      if (inner.size() >= word_bytes_min) add_text(to, inner, true);
    return;
  }
  const std::string& separator = lists_[field.rule];
  if (field.kind != core::json_kind::string || separator.empty()) return;
  std::string_view rest = field.text;
  for (std::size_t at = rest.find(separator); !rest.empty(); at = rest.find(separator)) {
    std::string_view element = rest.substr(0, at);
    rest = at == std::string_view::npos ? "" : rest.substr(at + separator.size());
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    if (element.size() >= word_bytes_min && element.size() < field.text.size())
      add_text(to, element, true);
  }
}

/// What counts as absent, and what its method makes itself of, as of an address without host bits.
bool raw_values::is_as_it_came(const event::json_field& field) const {
  const event::field_plan& rule = rules_.rule(field.rule);
  const event::json_value value = event::value_of(field);
  if (rule.is_absent(value)) return true;
  std::string room(rule.method->bytes_max(value.token.size()), '\0');
  char* end = room.data();
  const auto done = rule.method->apply(value, end);
  return done == event::applied::written && std::string_view(room.data(), end) == value.token;
}

/// What an error record repeats as it is.
bool raw_values::is_repeated(const event::json_field& field) const {
  return field.rule != event::none && !rules_.is_personal(field) &&
         !rules_.rule(field.rule).is_time() && field.kind == core::json_kind::string;
}

bool raw_values::repeats(std::string_view address) const {
  return std::ranges::any_of(event_.fields(), [this, address](const event::json_field& field) {
    return is_repeated(field) && (holds(field.raw, address) || holds(field.text, address));
  });
}

bool raw_values::is_in(const personal_text& personal, const core::record_view& output) {
  if (!is_readable(output, personal.text)) return false;
  if (!personal.elsewhere || !common_.is_common(personal.text)) return true;
  ++counts_.too_common;
  return false;
}

bool raw_values::readable_in(const auditor::place& origin, const core::record_view& output,
                             shows what) {
  const auto p = static_cast<std::size_t>(origin.partition);
  if (p >= by_partition_.size()) return false;
  const auto found = by_partition_[p].find(origin.offset);
  if (found == by_partition_[p].end()) return false;
  const values_of_one& values = found->second;
  const auto shows_placed = [&output](const placed_bytes& placed) {
    if (placed.bytes.size() >= word_bytes_min && holds_in_own_headers(output, placed.bytes))
      return true;
    if (placed.header.empty()) return shows_bytes(output.key, placed.bytes);
    return std::ranges::any_of(output.headers, [&placed](const core::header_view& header) {
      return header.name == placed.header && shows_bytes(header.value, placed.bytes);
    });
  };
  const bool is_found =
      std::ranges::any_of(values.personal,
                          [&](const personal_text& text) { return is_in(text, output); }) ||
      std::ranges::any_of(values.placed, shows_placed) ||
      (what == shows::known_fields &&
       std::ranges::any_of(values.addresses,
                           [&](const std::string& text) { return is_readable(output, text); }));
  if (is_found) ++counts_.found;
  return is_found;
}

}  // namespace turnstile::audit
