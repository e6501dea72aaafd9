// A login_transform with default settings and a batch to feed it.
//
// Owned by one test case. Inputs are copied and kept, so that a test may give temporaries.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/error_record.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::tests {

inline constexpr std::int64_t test_now_s = 1729894460;  // 2024-10-25 22:14:20

/// Replaces the first `from` in `text` by `to`; the test is wrong where there is none.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

inline const std::string real_event =
    R"({"user_id": "62001a69-dc2c-4b28-8650-521ac278de26", "app_version": "2.3.0", )"
    R"("ip": "70.201.62.158", "locale": "KS", )"
    R"("device_id": "f6a1baa4-af52-443f-b54f-0eeccb502f12", )"
    R"("timestamp": 1729894074, "device_type": "iOS"})";

/// In the order in which missing ones are listed, after user_id, which has a check of its own.
inline constexpr std::array<std::string_view, 6> required_fields{
    "ip", "device_id", "app_version", "device_type", "timestamp", "locale"};

/// `real_event` with the field under another name.
inline std::string without(std::string_view name) {
  const std::string quoted = "\"" + std::string(name) + "\"";
  return with(real_event, quoted, "\"other_" + std::string(name) + "\"");
}

/// `real_event` with another token as the field's value.
inline std::string value_of(std::string_view name, std::string_view token) {
  const std::size_t at =
      real_event.find(": ", real_event.find("\"" + std::string(name) + "\"")) + 2;
  const std::size_t end = real_event.find_first_of(",}", at);
  return std::string(real_event).replace(at, end - at, token);
}

struct login_fixture {
  core::settings options = default_settings();
  std::shared_ptr<const event::pseudonymiser> pseudonyms = std::make_shared<event::pseudonymiser>();
  std::shared_ptr<core::topic_layout> layout = std::make_shared<core::topic_layout>();
  std::deque<std::string> kept;
  std::vector<core::header_view> headers;
  core::maybe_bytes key = "key";
  std::optional<event::seal_key> seal;
  core::record_batch batch{.source = core::partition_epoch{}};

  std::string_view keep(std::string text) { return kept.emplace_back(std::move(text)); }

  core::record_view input(core::maybe_bytes value) {
    core::record_view in;
    in.offset = 7 + static_cast<std::int64_t>(batch.outputs.size());
    in.timestamp_ms = 1729894074123;
    in.key = key;
    in.headers = headers;
    if (value) in.value = keep(std::string(*value));
    return in;
  }

  /// What one input becomes, with the settings as they are now.
  core::output_record& run(core::maybe_bytes value) {
    batch.layout = layout;
    tests::login_transform transform(options, pseudonyms, seal);
    transform.apply(input(value), batch, test_now_s);
    return batch.outputs.back();
  }

  /// REQUIRES: the last input failed.
  core::failure& failed() { return batch.failures.back(); }

  std::string processed(std::string_view value) {
    const auto& out = run(value);
    return out.result == core::outcome::processed ? std::string(out.value)
                                                  : std::string(failed().error_type);
  }

  std::string error_type(core::maybe_bytes value) {
    const auto& out = run(value);
    return out.result == core::outcome::failed ? std::string(failed().error_type) : "none";
  }

  core::output_record& run_to_error_record(core::maybe_bytes value) {
    auto& out = run(value);
    event::write_error_record(batch, failed(), "worker-1", test_now_s);
    return out;
  }

  static std::string header(const core::output_record& record, std::string_view name) {
    for (const auto& h : record.headers)
      if (h.name == name) return std::string(h.value.value_or("null"));
    return "none";
  }
};

}  // namespace turnstile::tests
