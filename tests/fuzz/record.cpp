// The path of a record: one input of any bytes, any options, and what is written for it, also
// where the broker refuses that.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/summary_tally.hpp"
#include "event/error_record.hpp"
#include "event/login_transform.hpp"
#include "tests/fuzz/support.hpp"

using namespace turnstile::core;
using turnstile::fuzz::choices;
using turnstile::fuzz::must;
using turnstile::fuzz::read_json;

namespace {

constexpr std::int64_t now_s = 1729894460;
constexpr std::array known{"user_id",     "ip",        "device_id", "app_version",
                           "device_type", "timestamp", "locale"};

settings chosen_settings(choices& choose) {
  settings s;
  s.topics.input = "user-login";
  s.filter.app_versions = {"2.3.0"};
  s.input.value_bytes_max = choose.coin() ? 200 : 1 << 20;
  s.input.timestamp_units = choose.coin() ? timestamp_units::magnitude : timestamp_units::seconds;
  s.input.timestamp_iso8601 = choose.coin();
  s.input.unknown_fields = choose.coin() ? unknown_fields::drop : unknown_fields::keep;
  if (choose.coin()) s.input.missing_default["ip"] = "0.0.0.0";
  if (choose.coin()) s.input.missing_default["locale"] = "\"\x01\xc3\xa4";
  s.output.timestamp_format =
      choose.coin() ? timestamp_format::rfc3339 : timestamp_format::datetime;
  s.privacy.record_keys = static_cast<carry>(choose.one_of(3));
  s.privacy.headers = static_cast<carry>(choose.one_of(3));
  s.errors.content = static_cast<error_content>(choose.one_of(3));
  s.errors.unknown = choose.coin() ? unknown_fields::keep : unknown_fields::drop;
  return s;
}

/// Owned bytes of exactly the size, so that a read beyond them is seen.
struct exact_bytes {
  explicit exact_bytes(std::string_view from)
    : size(from.size()), bytes(std::make_unique<char[]>(size)) {
    if (size > 0) std::memcpy(bytes.get(), from.data(), size);
  }
  [[nodiscard]] std::string_view view() const { return {bytes.get(), size}; }

  std::size_t size;
  std::unique_ptr<char[]> bytes;
};

bool is_pseudonym(const rapidjson::Value& value) {
  return value.IsString() && value.GetStringLength() == pseudonym_bytes;
}

void check_content(const rapidjson::Value& content, const output_record& out, const settings& s) {
  must(content.IsObject(), "content is an object");
  const bool is_error = out.topic == output_topic::errors;
  if (is_error && s.errors.content == error_content::raw) return;
  for (const auto& member : content.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const bool is_known = std::ranges::find(known, name) != known.end();
    if (name == "ip" || name == "device_id")
      must(is_pseudonym(member.value) || member.value.IsNull(), "content has pseudonyms");
    if (!is_error) continue;
    must(is_known || s.errors.unknown == unknown_fields::keep, "unknown fields are left out");
    // Numbers come as strings.
    must(!is_known || member.value.IsString() || member.value.IsNull(), "a field of its type");
  }
}

void check_output(const output_record& out, const settings& s) {
  rapidjson::Document json;
  must(read_json(out.value, json) && json.IsObject(), "an output is a JSON object");
  if (out.topic == output_topic::processed) {
    for (const char* name : {"ip", "device_id"})
      must(json.HasMember(name) && is_pseudonym(json[name]), "an output has pseudonyms");
    must(json["timestamp"].IsString(), "an output's timestamp is text");
    return;
  }
  must(json.HasMember("user_id") && json.HasMember("message_content"), "a record is wrapped");
  check_content(json["message_content"], out, s);
}

void refuse(record_batch& batch, std::size_t slot, reason why) {
  if (batch.outputs[slot].topic == output_topic::errors) return;
  const failure failed = refused_output(batch, slot, why, "Broker: no", 2);
  write_error_record(batch, failed, "worker-1", now_s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto pseudonyms = std::make_shared<const pseudonymiser>();
  choices choose(data, size);
  const settings s = chosen_settings(choose);
  auto layout = std::make_shared<topic_layout>();
  const std::size_t limit = choose.coin() ? choose.one_of(75) * 10 : 1048588;
  layout->record_bytes_max.fill(limit);
  const reason why = choose.coin() ? reason::too_large : reason::delivery_failed;
  const bool is_null = choose.one_of(8) == 7;
  auto key = std::make_unique<exact_bytes>(choose.part());
  auto value = std::make_unique<exact_bytes>(choose.rest());
  std::vector<header_view> headers{
      {key->view(), key->view()}, {origin_header, "x/1/2"}, {"h", std::nullopt}};

  record_batch batch;
  batch.layout = layout;
  record_view in;
  in.timestamp_ms = now_s * 1000;
  in.key = key->view();
  if (!is_null) in.value = value->view();
  in.headers = headers;
  batch.inputs = {in, in};
  batch.inputs[1].offset = 1;
  login_transform transform(s, pseudonyms);
  transform_batch(transform, batch, now_s);
  must(batch.outputs.size() == 2, "each input has one output");
  value.reset();
  key.reset();
  headers.clear();

  for (const failure& failed : batch.failures) write_error_record(batch, failed, "worker-1", now_s);
  summary_tally tally("user-login", 1000, {5, 4096});
  for (const output_record& out : batch.outputs) {
    check_output(out, s);
    tally.count(0, out.source_offset, out);
  }
  rapidjson::Document json;
  if (const auto text = tally.take_summary("w\n", now_s, 1 << 20))
    must(read_json(*text, json), "a summary is JSON");
  refuse(batch, 0, why);
  check_output(batch.outputs[0], s);
  return 0;
}
