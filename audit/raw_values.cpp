#include "audit/raw_values.hpp"

#include <algorithm>
#include <cstring>

#include "core/error_record.hpp"

namespace turnstile::audit {

namespace {

// Shorter ones are parts of other words, so that only the whole JSON string is looked for.
constexpr std::size_t word_bytes_min = 7;

bool is_personal(const core::json_field& field) {
  return field.known == core::login_field::ip || field.known == core::login_field::device_id;
}

/// Whoever writes inputs chooses both: std::string_view::find can be made to take their product.
bool holds(std::string_view bytes, std::string_view text) {
  return ::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

}  // namespace

void raw_values::add_input(std::int32_t partition, std::int64_t offset,
                           const core::maybe_bytes& value) {
  if (full() || !value || event_.parse(*value, core::json_bytes_max)) return;
  std::vector<std::string> texts;
  for (const auto& field : event_.fields()) {
    if (!is_personal(field) || field.raw.empty() || field.kind == core::json_kind::null) continue;
    const bool is_text = field.kind == core::json_kind::string;
    const std::string_view inner = is_text ? field.raw.substr(1, field.raw.size() - 2) : field.raw;
    if (inner.empty()) continue;
    texts.emplace_back(inner.size() < word_bytes_min ? field.raw : inner);
    if (is_text && field.text != inner && field.text.size() >= word_bytes_min) {
      texts.emplace_back(field.text);
    }
  }
  if (texts.empty()) return;
  for (const auto& text : texts) bytes_ += text.size();
  const auto p = static_cast<std::size_t>(partition);
  if (by_partition_.size() <= p) by_partition_.resize(p + 1);
  by_partition_[p].emplace(offset, std::move(texts));
  ++kept_;
}

bool raw_values::readable_in(const auditor::place& origin, const core::maybe_bytes& value,
                             std::span<const core::header_view> headers) const {
  const auto p = static_cast<std::size_t>(origin.partition);
  if (p >= by_partition_.size()) return false;
  const auto found = by_partition_[p].find(origin.offset);
  if (found == by_partition_[p].end()) return false;
  return std::ranges::any_of(found->second, [&](const std::string& text) {
    if (value && holds(*value, text)) return true;
    return std::ranges::any_of(headers, [&text](const core::header_view& header) {
      return core::is_own_header(header.name) && header.value && holds(*header.value, text);
    });
  });
}

}  // namespace turnstile::audit
