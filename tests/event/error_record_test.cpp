#include "event/error_record.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "tests/event/login_fixture.hpp"

using namespace turnstile::core;
using namespace turnstile::event;
using namespace turnstile::tests;

namespace {

constexpr auto errors = static_cast<std::size_t>(output_topic::errors);
constexpr auto cleaned = static_cast<std::size_t>(output_topic::cleaned);

const std::string missing_type = with(real_event, ", \"device_type\": \"iOS\"", "");

/// What an error record's content is for `event`: pseudonyms, the rest as received.
std::string content_of(login_fixture& fixture, std::string_view event) {
  std::string compact;
  for (const char c : event)
    if (c != ' ') compact += c;
  return with(with(compact, "70.201.62.158", fixture.pseudonyms->of("70.201.62.158")),
              "f6a1baa4-af52-443f-b54f-0eeccb502f12",
              fixture.pseudonyms->of("f6a1baa4-af52-443f-b54f-0eeccb502f12"));
}

}  // namespace

TEST_CASE_FIXTURE(login_fixture, "an error record is the record of the contract") {
  const auto& out = run_to_error_record(missing_type);
  CHECK(
      out.value ==
      R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26",)"
      R"("error_type":"Missing fields: device_type","reason":"missing_fields","message_content":)" +
          content_of(*this, missing_type) + R"(,"timestamp":"2024-10-25 22:14:20"})");
  CHECK(out.result == outcome::failed);
  CHECK(out.topic == output_topic::errors);
  CHECK(out.key == "key");
  CHECK(out.timestamp_ms == 1729894074123);
}

TEST_CASE_FIXTURE(login_fixture, "without user and content they are Unknown and {}") {
  CHECK(run_to_error_record(std::nullopt).value ==
        R"({"user_id":"Unknown","error_type":"Tombstone: the record has no value",)"
        R"("reason":"tombstone","message_content":{},"timestamp":"2024-10-25 22:14:20"})");
}

TEST_CASE_FIXTURE(login_fixture, "an error record has its own headers besides the carried ones") {
  headers = {{"trace", "t1"}, {"turnstile-reason", "of an earlier life"}};
  const auto& out = run_to_error_record("{");
  REQUIRE(out.headers.size() == 5);
  CHECK(header(out, "trace") == "t1");
  CHECK(header(out, "turnstile-reason") == "invalid_json");
  CHECK(header(out, "turnstile-stage") == "parse");
  CHECK(header(out, "turnstile-worker") == "worker-1");
  CHECK(header(out, "turnstile-attempts") == "1");
}

TEST_CASE_FIXTURE(login_fixture, "every reason and stage has its name in the record") {
  for (std::size_t r = 0; r < reason_count; ++r) {
    run("{");
    failed().reason = static_cast<reason>(r);
    failed().stage = static_cast<stage>(r % 4);
    write_error_record(batch, failed(), "w", test_now_s);
    const auto& out = batch.outputs.back();
    CHECK(out.value.find("\"reason\":\"" + std::string(reason_names[r]) + "\"") !=
          std::string::npos);
    CHECK(header(out, "turnstile-reason") == reason_names[r]);
    CHECK(header(out, "turnstile-stage") == name_of(static_cast<stage>(r % 4)));
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "an error record gives up content, headers, key, user_id until it fits") {
  key = "a key with more bytes than its name in the header";
  headers = {{"trace", "0123456789"}};
  const std::string gone[] = {"none", "content", "content,headers", "content,headers,key",
                              "content,headers,key,user_id"};
  std::size_t level = 0;
  for (std::size_t limit = wire_bytes(run_to_error_record(missing_type)); level < 4; --limit) {
    layout->record_bytes_max[errors] = limit;
    const auto& out = run_to_error_record(missing_type);
    const std::string truncated = header(out, "turnstile-truncated");
    if (truncated != gone[level]) REQUIRE(truncated == gone[++level]);
    REQUIRE((level == 4 || wire_bytes(out) <= limit));
    CHECK((out.value.find("\"message_content\":{},") != std::string::npos) == (level >= 1));
    CHECK((header(out, "trace") == "none") == (level >= 2));
    CHECK(out.key.has_value() == (level < 3));
    CHECK(out.value.starts_with(level < 4 ? "{\"user_id\":\"6200" : "{\"user_id\":\"Unknown\","));
    CHECK(header(out, "turnstile-reason") == "missing_fields");
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "an error record gives up nothing as long as its own origin fits") {
  const std::size_t origin = origin_bytes(options.topics.input.size());
  layout->record_bytes_max[errors] = wire_bytes(run_to_error_record(missing_type), origin);
  run(missing_type);
  write_error_record(batch, failed(), "worker-1", test_now_s, origin);
  CHECK(header(batch.outputs.back(), "turnstile-truncated") == "none");
  --layout->record_bytes_max[errors];
  run(missing_type);
  write_error_record(batch, failed(), "worker-1", test_now_s, origin);
  CHECK(header(batch.outputs.back(), "turnstile-truncated") == "content");
}

TEST_CASE_FIXTURE(login_fixture, "only what was there is named as gone") {
  key = std::nullopt;
  layout->record_bytes_max[errors] = 1;
  CHECK(header(run_to_error_record("{"), "turnstile-truncated") == "none");
  key = "k";
  CHECK(header(run_to_error_record("{"), "turnstile-truncated") == "key");
}

TEST_CASE_FIXTURE(login_fixture, "a user_id of a megabyte does not make the record unwritable") {
  options.input.value_bytes_max = 4 * 1024 * 1024;
  const std::string huge(1100000, 'u');
  const auto& out = run_to_error_record(with(missing_type, "62001a69", huge));
  CHECK(wire_bytes(out) <= layout->record_bytes_max[errors]);
  CHECK(header(out, "turnstile-truncated") == "content,key,user_id");
}

TEST_CASE_FIXTURE(login_fixture, "a cleaned record follows the same rule") {
  layout->record_bytes_max[cleaned] = 500;
  const auto& out = run(with(real_event, "2.3.0", "9"));
  CHECK(out.value == R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26","message_content":{},)"
                     R"("clean_type":"filtered_app_version","timestamp":"2024-10-25 22:14:20"})");
  CHECK(header(out, "turnstile-truncated") == "content");
  CHECK(out.content == "{}");
}

TEST_CASE_FIXTURE(login_fixture,
                  "a refused output becomes an error record with the source's timestamp") {
  for (const auto* timestamp : {"1729894074", "\"1729894074\""}) {
    const std::string event = with(real_event, "1729894074", timestamp);
    run(event);
    const std::size_t slot = batch.outputs.size() - 1;
    const failure refused =
        refused_output(batch, slot, reason::delivery_failed, "Broker: Invalid record", 3);
    CHECK(refused.slot == slot);
    CHECK(refused.stage == stage::publish);
    CHECK(refused.error_type == "Publishing error: Broker: Invalid record");
    CHECK(refused.user_id == "\"62001a69-dc2c-4b28-8650-521ac278de26\"");
    CHECK(refused.content == content_of(*this, event));
    write_error_record(batch, refused, "w", test_now_s);
    const auto& out = batch.outputs[slot];
    CHECK(out.result == outcome::failed);
    CHECK(out.topic == output_topic::errors);
    CHECK(header(out, "turnstile-attempts") == "3");
    CHECK(out.counted.empty());
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "a refused cleaned record becomes an error record with its content") {
  const std::string event = with(real_event, "2.3.0", "9");
  run(event);
  const failure refused = refused_output(batch, 0, reason::delivery_failed, "x", 1);
  CHECK(refused.content == content_of(*this, event));
  CHECK(refused.user_id == "\"62001a69-dc2c-4b28-8650-521ac278de26\"");
}

TEST_CASE_FIXTURE(login_fixture,
                  "a refused output's unknown fields are not repeated unless they are asked for") {
  const std::string odd = with(with(real_event, "{", R"({"net":{"address":"203.0.113.7"},)"),
                               "\"locale\"", R"("\u0065mail":"ada@example.org", "l\u006fcale")");
  for (const auto* version : {"2.3.0", "9"}) {
    const std::string event = with(odd, "2.3.0", version);
    run(event);
    CHECK(
        refused_output(batch, batch.outputs.size() - 1, reason::delivery_failed, "x", 1).content ==
        content_of(*this, with(with(real_event, "2.3.0", version), "locale", R"(l\u006fcale)")));
    options.errors.unknown = unknown_fields::keep;
    run(event);
    CHECK(
        refused_output(batch, batch.outputs.size() - 1, reason::delivery_failed, "x", 1).content ==
        content_of(*this, event));
    options.errors.unknown = unknown_fields::drop;
  }
}

TEST_CASE_FIXTURE(login_fixture, "an output whose timestamp its topic refuses is an error record") {
  layout->rules[static_cast<std::size_t>(output_topic::processed)].timestamp_before_max_ms =
      3'600'000;
  CHECK(run(real_event).result == outcome::processed);
  layout->rules[static_cast<std::size_t>(output_topic::processed)].timestamp_after_max_ms = 1;
  batch.layout = layout;
  turnstile::tests::login_transform transform(options, pseudonyms);
  auto late = input(real_event);
  late.timestamp_ms = test_now_s * 1000 + record_rules::clock_margin_ms + 2;
  transform.apply(late, batch, test_now_s);
  auto& out = batch.outputs.back();
  CHECK(out.result == outcome::failed);
  CHECK(failed().reason == reason::delivery_failed);
  CHECK(failed().stage == stage::publish);
  write_error_record(batch, failed(), "w", test_now_s);
  CHECK(out.topic == output_topic::errors);
  CHECK(out.timestamp_ms == late.timestamp_ms);
  CHECK(out.value.find("1729894074") != std::string::npos);  // The event as it came.
  // The error topic refuses it too.
  layout->rules[static_cast<std::size_t>(output_topic::errors)].timestamp_after_max_ms = 1;
  write_error_record(batch, failed(), "w", test_now_s);
  CHECK(out.timestamp_refused);
}

TEST_CASE_FIXTURE(login_fixture,
                  "an output without a key for a compacted topic becomes an error record") {
  layout->rules[static_cast<std::size_t>(output_topic::processed)].needs_key = true;
  CHECK(run(real_event).result == outcome::processed);
  key.reset();
  CHECK(run(real_event).result == outcome::failed);
  CHECK(failed().reason == reason::delivery_failed);
  CHECK(failed().error_type ==
        "Publishing error: the output topic is compacted and takes no record without a key");
}

TEST_CASE_FIXTURE(login_fixture, "an output refused for its size leaves no content") {
  run(real_event);
  CHECK(refused_output(batch, 0, reason::too_large, "x", 1).content.empty());
}

TEST_CASE_FIXTURE(login_fixture, "where content is left out it does not come back by a refusal") {
  options.errors.content = error_content::none;
  run(real_event);
  run(with(real_event, "2.3.0", "9"));
  for (const std::size_t slot : {0U, 1U})
    CHECK(refused_output(batch, slot, reason::delivery_failed, "x", 1).content.empty());
}

TEST_CASE_FIXTURE(login_fixture, "a refused error record is written again, with its headers once") {
  headers = {{"trace", "t1"}};
  run_to_error_record(missing_type);
  const failure refused = refused_output(batch, 0, reason::delivery_failed, "x", 2);
  CHECK(refused.content.empty());
  write_error_record(batch, refused, "worker-1", test_now_s);
  const auto& out = batch.outputs[0];
  CHECK(out.headers.size() == 5);
  CHECK(header(out, "trace") == "t1");
  CHECK(header(out, "turnstile-reason") == "delivery_failed");
  CHECK(out.value.starts_with("{\"user_id\":\"62001a69-dc2c-4b28-8650-521ac278de26\","));
}

TEST_CASE_FIXTURE(login_fixture, "an error text of any bytes leaves the record valid JSON") {
  run(real_event);
  const failure refused = refused_output(batch, 0, reason::delivery_failed, "a\"b\\\n\xff", 1);
  write_error_record(batch, refused, "w\"", test_now_s);
  const auto& out = batch.outputs[0];
  json_event event;
  CHECK_FALSE(event.parse(out.value, 1 << 20));
  CHECK(header(out, "turnstile-worker") == "w\"");
}

TEST_CASE_FIXTURE(login_fixture, "wire bytes count key, value, headers and the origin's headers") {
  output_record record;
  const std::size_t bare = wire_bytes(record, 20);
  CHECK(bare >= 61 + 7 + std::string_view("turnstile-origin").size() + 20 +
                    std::string_view("turnstile-origin-timestamp").size() + 19);
  record.key = "12345";
  record.value = "1234567";
  CHECK(wire_bytes(record, 20) == bare + 12);
  std::array<header_view, 2> carried{{{"ab", "c"}, {"d", std::nullopt}}};
  record.headers = carried;
  CHECK(wire_bytes(record, 20) >= bare + 12 + 4);
  CHECK(wire_bytes(record) > wire_bytes(record, 20));
}

TEST_CASE_FIXTURE(login_fixture, "wire bytes and the room for content count the key id's header") {
  output_record record;
  const std::size_t bare = wire_bytes(record, 20);
  record.key_id = "2025-01";
  CHECK(wire_bytes(record, 20) ==
        bare + std::string_view("turnstile-key").size() + record.key_id.size() + 10);
  const std::array<std::string_view, 1> after{"\"t\":1"};
  const wrapped_event event{"\"u\"", {}, "{\"a\":1}", after};
  write_wrapped(record, batch.memory, event, {}, 10'000, 20);
  const std::size_t whole = wire_bytes(record, 20);
  CHECK(record.content == "{\"a\":1}");
  write_wrapped(record, batch.memory, event, {}, whole - 1, 20);
  CHECK(record.content == "{}");
}
