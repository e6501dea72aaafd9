#include "audit/raw_values.hpp"

#include <algorithm>
#include <cstring>

#include "audit/addresses.hpp"
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

/// What is looked for in place of a value: a short one is a part of any pseudonym.
std::string looked_for(std::string_view text) {
  return text.size() < word_bytes_min ? "\"" + std::string(text) + "\"" : std::string(text);
}

}  // namespace

raw_values::raw_values(const core::event_rules& rules, std::size_t bytes_max)
  : rules_(event::without_secrets(rules), event::make_method_keys(nullptr, nullptr, nullptr)),
    event_(rules_.paths()),
    bytes_max_(bytes_max) {}

void raw_values::add_input(std::int32_t partition, std::int64_t offset,
                           const core::maybe_bytes& value) {
  if (full() || !value) return;
  const bool is_event = !event_.parse(*value, core::json_bytes_max, rules_.frame_bytes());
  values_of_one found;
  if (is_event) found.personal = personal_texts();
  for (std::string& address : addresses_in(*value))
    if (!is_event || !repeats(address)) found.addresses.push_back(looked_for(address));
  if (found.personal.empty() && found.addresses.empty()) return;
  for (const auto* texts : {&found.personal, &found.addresses})
    for (const std::string& text : *texts) bytes_ += text.size();
  const auto p = static_cast<std::size_t>(partition);
  if (by_partition_.size() <= p) by_partition_.resize(p + 1);
  by_partition_[p].emplace(offset, std::move(found));
  ++kept_;
}

std::vector<std::string> raw_values::personal_texts() const {
  std::vector<std::string> texts;
  for (const auto& field : event_.fields()) {
    if (!rules_.is_personal(field) || field.kind == core::json_kind::null) continue;
    if (is_as_it_came(field)) continue;
    const bool is_text = field.kind == core::json_kind::string;
    const std::string_view inner = is_text ? field.raw.substr(1, field.raw.size() - 2) : field.raw;
    // Two digits stand anywhere.
    if (inner.empty() || (!is_text && inner.size() < word_bytes_min)) continue;
    texts.emplace_back(inner.size() < word_bytes_min ? field.raw : inner);
    if (is_text && field.text != inner && field.text.size() >= word_bytes_min) {
      texts.emplace_back(field.text);
    }
  }
  return texts;
}

/// What counts as absent, and what its method makes itself of, as of an address without host bits.
bool raw_values::is_as_it_came(const core::json_field& field) const {
  const event::field_plan& rule = rules_.rule(field.rule);
  const event::json_value value = event::value_of(field);
  if (rule.is_absent(value)) return true;
  std::string room(rule.method->bytes_max(value.token.size()), '\0');
  char* end = room.data();
  const auto done = rule.method->apply(value, end);
  return done == event::applied::written && std::string_view(room.data(), end) == value.token;
}

/// What an error record repeats as it is.
bool raw_values::is_repeated(const core::json_field& field) const {
  return field.rule != event::none && !rules_.is_personal(field) &&
         !rules_.rule(field.rule).is_time() && field.kind == core::json_kind::string;
}

bool raw_values::repeats(std::string_view address) const {
  return std::ranges::any_of(event_.fields(), [this, address](const core::json_field& field) {
    return is_repeated(field) && (holds(field.raw, address) || holds(field.text, address));
  });
}

bool raw_values::readable_in(const auditor::place& origin, const core::maybe_bytes& value,
                             std::span<const core::header_view> headers, shows what) const {
  const auto p = static_cast<std::size_t>(origin.partition);
  if (p >= by_partition_.size()) return false;
  const auto found = by_partition_[p].find(origin.offset);
  if (found == by_partition_[p].end()) return false;
  const auto readable = [&](const std::string& text) {
    if (value && holds(*value, text)) return true;
    return std::ranges::any_of(headers, [&text](const core::header_view& header) {
      return core::is_own_header(header.name) && header.value && holds(*header.value, text);
    });
  };
  if (std::ranges::any_of(found->second.personal, readable)) return true;
  return what == shows::known_fields && std::ranges::any_of(found->second.addresses, readable);
}

}  // namespace turnstile::audit
