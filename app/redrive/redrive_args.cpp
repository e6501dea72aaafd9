#include "app/redrive/redrive_args.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace turnstile::app {

namespace {

constexpr std::int64_t ms_per_s = 1000;

std::string text_of(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "-";
}

/// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  return hash;
}

}  // namespace

bool selects(const redrive_args& args, std::string_view reason, std::int64_t timestamp_ms,
             std::int32_t partition, std::int64_t offset) {
  if (!args.reasons.empty() && std::ranges::find(args.reasons, reason) == args.reasons.end())
    return false;
  if (args.since_s && timestamp_ms < *args.since_s * ms_per_s) return false;
  if (args.until_s && timestamp_ms >= *args.until_s * ms_per_s) return false;
  return args.offsets.empty() ||
         std::ranges::any_of(args.offsets, [&](const audit::partition_range& range) {
           return range.partition == partition && range.low <= offset && offset < range.high;
         });
}

std::string selection_id(const redrive_args& args) {
  auto reasons = args.reasons;
  std::ranges::sort(reasons);
  reasons.erase(std::ranges::unique(reasons).begin(), reasons.end());
  auto offsets = args.offsets;
  std::ranges::sort(offsets, {}, &audit::partition_range::partition);
  std::string text = text_of(args.since_s) + " " + text_of(args.until_s);
  for (const auto& reason : reasons) text += " " + reason;
  for (const auto& range : offsets)
    text += " " + std::to_string(range.partition) + ":" + std::to_string(range.low) + "-" +
            std::to_string(range.high);
  std::array<char, 16> digits{};
  constexpr int hexadecimal = 16;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), hash_of(text), hexadecimal).ptr;
  return {digits.data(), end};
}

}  // namespace turnstile::app
