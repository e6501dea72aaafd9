// librdkafka's error codes, and the kinds of those that somebody acts on.
//
// Plain values; any thread. Numbers mean something in kafka_io only: whoever else has a code asks
// for its kind, and hands it on for the log.
#pragma once

#include <cstdint>

namespace turnstile::kafka_io {

enum class error_kind : std::uint8_t {
  other,
  message_too_large,
  invalid_timestamp,
  invalid_record,     ///< A compacted topic's answer to one without a key, among other things.
  refused_in_stream,  ///< A request was refused, and what was behind it is not written.
  secondary,          ///< A record failed only because another one of its transaction did.
  member_fenced,      ///< Another process has our `group.instance.id`. Fatal.
  /// Another producer took our transactional.id, or the coordinator gave our transaction up because
  /// it took too long. librdkafka has one code for both.
  producer_fenced,
};

class error_code {
public:
  constexpr error_code() = default;  ///< None.
  /// REQUIRES: an rd_kafka_resp_err_t.
  constexpr error_code(int number) : number_(static_cast<std::int16_t>(number)) {}

  [[nodiscard]] constexpr int number() const { return number_; }
  [[nodiscard]] constexpr error_kind kind() const;
  /// A broker's; others are librdkafka's own.
  [[nodiscard]] constexpr bool is_answer() const { return number_ > 0; }

  [[nodiscard]] constexpr explicit operator bool() const { return number_ != 0; }
  friend constexpr bool operator==(error_code, error_code) = default;

private:
  std::int16_t number_ = 0;
};

/// Where a kind has several codes the first one stands for it. The clients' sources compare them
/// with librdkafka's.
inline constexpr struct {
  error_kind kind;
  error_code code;
} kinds_of_codes[] = {
    {error_kind::message_too_large, 10}, {error_kind::invalid_timestamp, 32},
    {error_kind::invalid_record, 87},    {error_kind::member_fenced, 82},
    {error_kind::producer_fenced, -144}, {error_kind::refused_in_stream, -148},
    {error_kind::secondary, -151},  // Purged in flight,
    {error_kind::secondary, -152},  // in the queue,
    {error_kind::secondary, -172},  // or in a state that takes no record.
};

constexpr error_kind error_code::kind() const {
  for (const auto& known : kinds_of_codes)
    if (known.code == *this) return known.kind;
  return error_kind::other;
}

/// REQUIRES: not `other`.
[[nodiscard]] constexpr error_code code_of(error_kind kind) {
  for (const auto& known : kinds_of_codes)
    if (known.kind == kind) return known.code;
  return {};
}

}  // namespace turnstile::kafka_io
