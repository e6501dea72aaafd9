#include "actors/delivery/refusal_rules.hpp"

#include <cstdlib>

#include "event/error_record.hpp"

namespace turnstile::actors {

using kafka_io::error_kind;

namespace {

std::int64_t ms_ahead(const core::output_record& record) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return record.timestamp_ms - std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool has_timestamp(const core::output_record& record) {
  return record.timestamp_ms >= 0 && !record.timestamp_refused;
}

std::int64_t bytes_of(const core::output_record& record) {
  return static_cast<std::int64_t>(event::wire_bytes(record));
}

bool reaches(const auto& bound, std::int64_t value, auto since) {
  return bound && bound->learned_at > since && value >= bound->value;
}

}  // namespace

void refusal_rules::learn(const core::output_record& record, error_kind why, steady_time now) {
  auto& rules = rules_of(record);
  if (why == error_kind::message_too_large) {
    const bool known = reaches(rules.bytes, bytes_of(record), now - suspected_for);
    rules.bytes = {known ? rules.bytes->value : bytes_of(record), now};
    return;  // Brokers count compressed bytes: one as large may pass.
  }
  if (why == error_kind::invalid_record && !record.key) {
    rules.keyless = {rules.keyless ? rules.keyless->value + 1 : 1, now};
  } else if (why == error_kind::invalid_timestamp && has_timestamp(record)) {
    // Nearer to now the broker's clock may see it on the other side.
    const std::int64_t ahead = ms_ahead(record);
    if (std::abs(ahead) <= core::record_rules::clock_margin_ms) return;
    if (ahead > 0)
      rules.after_ms = {record.timestamp_ms, now};
    else
      rules.before_ms = {-record.timestamp_ms, now};
  } else {
    return;
  }
  certain_until_ = now + certain_for;
  ++version_;
}

void refusal_rules::note_taken(const core::output_record& record) {
  auto& rules = rules_of(record);
  if (!record.key) rules.keyless.reset();
  if (rules.bytes && bytes_of(record) >= rules.bytes->value) rules.bytes.reset();
}

std::optional<error_kind> refusal_rules::refusal_of(const core::output_record& record,
                                                    steady_time since,
                                                    std::int64_t keyless_min) const {
  const auto& rules = topics_[static_cast<std::size_t>(record.topic)];
  if (has_timestamp(record) && (reaches(rules.after_ms, record.timestamp_ms, since) ||
                                reaches(rules.before_ms, -record.timestamp_ms, since)))
    return error_kind::invalid_timestamp;
  if (!record.key && rules.keyless && rules.keyless->value >= keyless_min &&
      rules.keyless->learned_at > since)
    return error_kind::invalid_record;
  return std::nullopt;
}

std::optional<error_kind> refusal_rules::refusal_of(const core::output_record& record,
                                                    steady_time now) const {
  return refusal_of(record, now - certain_for, keyless_refusals);
}

bool refusal_rules::suspects(const core::output_record& record, steady_time now) const {
  const auto& rules = topics_[static_cast<std::size_t>(record.topic)];
  return refusal_of(record, now - suspected_for, 1) ||
         reaches(rules.bytes, bytes_of(record), now - suspected_for);
}

std::optional<std::int64_t> suspicion(const core::output_record& record, error_kind why) {
  switch (why) {
    case error_kind::invalid_timestamp:
      if (!has_timestamp(record)) return std::nullopt;
      return std::abs(ms_ahead(record));
    case error_kind::message_too_large:
      return bytes_of(record);
    case error_kind::invalid_record:
      if (record.key) return std::nullopt;
      return 1;
    default:
      return std::nullopt;
  }
}

}  // namespace turnstile::actors
