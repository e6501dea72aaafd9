#include "audit/origin.hpp"

#include <charconv>

#include "core/own_headers.hpp"

namespace turnstile::audit {

namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-') return {};
  return number;
}

}  // namespace

std::optional<record_origin> parse_origin(std::string_view header) {
  const auto last = header.rfind('/');
  if (last == std::string_view::npos || last == 0) return {};
  const auto middle = header.rfind('/', last - 1);
  if (middle == std::string_view::npos || middle == 0) return {};
  const auto partition = number_of<std::int32_t>(header.substr(middle + 1, last - middle - 1));
  const auto offset = number_of<std::int64_t>(header.substr(last + 1));
  if (!partition || !offset) return {};
  return record_origin{header.substr(0, middle), *partition, *offset};
}

std::optional<std::int64_t> origin_time(std::span<const core::header_view> headers) {
  const auto header = only_header(headers, core::origin_timestamp_header);
  return header ? number_of<std::int64_t>(*header) : std::nullopt;
}

std::optional<std::string_view> only_header(std::span<const core::header_view> headers,
                                            std::string_view name) {
  const core::header_view* found = nullptr;
  for (const auto& header : headers) {
    if (header.name != name) continue;
    if (found != nullptr) return {};
    found = &header;
  }
  if (found == nullptr) return {};
  return found->value.value_or("");
}

bool is_redriven(std::span<const core::header_view> headers) {
  const auto header = only_header(headers, core::redrive_header);
  return header && (*header == redriven_missing || parse_origin(*header));
}

}  // namespace turnstile::audit
