// A transform by any rules, and a batch to feed it.
//
// Owned by one test case. Inputs are copied and kept, so that a test may give temporaries.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/error_record.hpp"
#include "event/presets.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::tests {

inline core::field_rule rule_of(std::string path,
                                core::field_method method = core::field_method::keep) {
  core::field_rule rule;
  rule.path = std::move(path);
  rule.method.method = method;
  return rule;
}

struct rules_fixture {
  static constexpr std::int64_t now_s = 1729894460;

  rules_fixture() {
    options.topics.input = "events";
    options.input.value_bytes_max = 1024 * 1024;
    options.errors.content = core::error_content::pseudonymised;
    options.errors.unknown = core::unknown_fields::drop;
  }

  core::settings options;
  core::event_rules rules = event::no_rules();
  std::shared_ptr<core::topic_layout> layout = std::make_shared<core::topic_layout>();
  std::deque<std::string> kept;
  std::vector<core::header_view> headers;
  core::maybe_bytes key;
  core::record_batch batch{.source = core::partition_epoch{}};
  event::pseudonymiser pseudonyms;

  core::field_rule& add(std::string path, core::field_method method = core::field_method::keep) {
    return rules.fields.emplace_back(rule_of(std::move(path), method));
  }

  core::output_record& run(core::maybe_bytes value) {
    batch.layout = layout;
    core::record_view in;
    in.key = key;
    in.headers = headers;
    if (value) in.value = kept.emplace_back(*value);
    event::event_transform transform(options, plan_of(rules, nullptr));
    transform.apply(in, batch, now_s);
    return batch.outputs.back();
  }

  /// What is processed, or `reason: text`, or the filter.
  std::string made(core::maybe_bytes value) {
    const auto& out = run(value);
    if (out.result != core::outcome::failed) return std::string(out.value);
    const core::failure& failed = batch.failures.back();
    return std::string(core::name_of(failed.reason)) + ": " + std::string(failed.error_type);
  }

  /// Of an event that fails.
  std::string content(std::string_view value) {
    if (run(value).result != core::outcome::failed) return "none failed";
    return std::string(batch.failures.back().content);
  }

  /// What an error record repeats of an output that its topic does not take.
  std::string refused_content(std::string_view value) {
    run(value);
    return std::string(event::refused_output(batch, batch.outputs.size() - 1,
                                             core::reason::delivery_failed, "no", 1)
                           .content);
  }
};

}  // namespace turnstile::tests
