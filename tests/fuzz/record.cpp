// The path of a record: one input of any bytes, any options and rules, and what is written for it,
// also where the broker refuses that.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/quoting.hpp"
#include "core/summary_tally.hpp"
#include "event/error_record.hpp"
#include "tests/fuzz/support.hpp"
#include "tests/support/login_transform.hpp"

using namespace turnstile::core;
using turnstile::event::pseudonym_bytes;
using turnstile::event::pseudonymiser;
using turnstile::event::refused_output;
using turnstile::event::write_error_record;
using turnstile::fuzz::choices;
using turnstile::fuzz::must;
using turnstile::fuzz::read_json;

namespace {

constexpr std::int64_t now_s = 1729894460;
constexpr std::array known{"user_id",     "ip",        "device_id", "app_version",
                           "device_type", "timestamp", "locale"};

/// Of fields that the login event does not have.
void add_rules(choices& choose, event_rules& rules) {
  constexpr std::array paths{"a.b", "a[].b", "x[]", "x[][]", "**.secret", "**.b", "o", "o.p.q"};
  if (choose.coin()) rules.unknown = unknown_policy::error;
  if (choose.coin()) rules.framing = value_framing::confluent;
  if (choose.coin()) rules.tombstones = tombstone_policy::pass;
  if (choose.coin()) rules.drop = {{"a.b", {{"1", false, false}}}};
  for (const char* path : paths) {
    if (!choose.coin()) continue;
    field_rule& rule = rules.fields.emplace_back();
    rule.path = path;
    constexpr std::array methods{field_method::keep,        field_method::pseudonym,
                                 field_method::truncate_ip, field_method::mask_ip,
                                 field_method::mask,        field_method::round,
                                 field_method::null,        field_method::drop};
    rule.method.method = methods[choose.one_of(methods.size())];
    rule.method.invalid = static_cast<invalid_value>(choose.one_of(5));
    rule.type = static_cast<field_type>(choose.one_of(7));
    rule.allow_empty = choose.coin();
    if (rule.path == "**.secret") rule.method = {.method = field_method::drop};
    if (rule.path == "a.b" && choose.coin()) rule.default_token = "\"d\"";
  }
}

/// A value that is dropped wherever it is, unless an object around it stays as it is.
bool shows_secret(const rapidjson::Value& value) {
  if (value.IsArray())
    return std::any_of(value.Begin(), value.End(), [](const auto& v) { return shows_secret(v); });
  if (!value.IsObject()) return false;
  return std::any_of(value.MemberBegin(), value.MemberEnd(), [](const auto& member) {
    return std::string_view(member.name.GetString(), member.name.GetStringLength()) == "secret" ||
           shows_secret(member.value);
  });
}

bool drops_secrets(const settings& s) {
  return std::ranges::any_of(s.event.fields,
                             [](const field_rule& rule) { return rule.path == "**.secret"; });
}

/// Whether some rule names the field, or what may be in it.
bool is_named(std::string_view name, const settings& s) {
  return std::ranges::any_of(s.event.fields, [name](const field_rule& rule) {
    return rule.path.starts_with("**") || std::string_view(rule.path).starts_with(name);
  });
}

event_rules login_rules(choices& choose) {
  constexpr std::array carried{field_method::keep, field_method::pseudonym, field_method::drop};
  event_rules rules = turnstile::event::login_rules();
  const auto rule = [&rules](std::string_view path) -> field_rule& {
    return *std::ranges::find(rules.fields, path, &field_rule::path);
  };
  time_rule& time = rule("timestamp").time;
  time.units = choose.coin() ? time_units::magnitude : time_units::seconds;
  time.iso8601 = choose.coin();
  time.output = choose.coin() ? time_output::rfc3339 : time_output::datetime;
  rules.unknown = choose.coin() ? unknown_policy::drop : unknown_policy::keep;
  if (choose.coin()) rule("ip").default_token = "\"0.0.0.0\"";
  if (choose.coin()) rule("locale").default_token = quoted("\"\x01\xc3\xa4");
  rules.key.method = carried[choose.one_of(carried.size())];
  rules.other_headers.method = carried[choose.one_of(carried.size())];
  return rules;
}

settings chosen_settings(choices& choose) {
  settings s;
  s.topics.input = "user-login";
  s.input.value_bytes_max = choose.coin() ? 200 : 1 << 20;
  s.errors.content = static_cast<error_content>(choose.one_of(4));
  s.errors.unknown = choose.coin() ? unknown_fields::keep : unknown_fields::drop;
  s.event = login_rules(choose);
  add_rules(choose, s.event);
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
  if (is_error && s.errors.content == error_content::sealed)
    return must(
        content.ObjectEmpty() || (content.MemberCount() == 2 && content.HasMember("sealed")),
        "a sealed content is a box and nothing else");
  must(!drops_secrets(s) || !shows_secret(content), "what is dropped is nowhere in the content");
  for (const auto& member : content.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const bool is_known = std::ranges::find(known, name) != known.end();
    if (name == "ip" || name == "device_id")
      must(is_pseudonym(member.value) || member.value.IsNull(), "content has pseudonyms");
    if (!is_error) continue;
    must(is_known || is_named(name, s) || s.errors.unknown == unknown_fields::keep,
         "unknown fields are left out");
    // Numbers come as strings.
    must(!is_known || member.value.IsString() || member.value.IsNull(), "a field of its type");
  }
}

void check_output(const output_record& out, const settings& s) {
  if (out.is_tombstone) return must(out.value.empty(), "a tombstone has no value");
  const bool has_frame =
      s.event.framing == value_framing::confluent && out.topic == output_topic::processed;
  rapidjson::Document json;
  must(read_json(out.value.substr(has_frame ? 5 : 0), json) && json.IsObject(),
       "an output is a JSON object");
  if (out.topic == output_topic::processed) {
    for (const char* name : {"ip", "device_id"})
      must(json.HasMember(name) && is_pseudonym(json[name]), "an output has pseudonyms");
    must(json["timestamp"].IsString(), "an output's timestamp is text");
    must(!drops_secrets(s) || !shows_secret(json), "what is dropped is nowhere in an output");
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
  batch.source = partition_epoch{};
  batch.layout = layout;
  record_view in;
  in.timestamp_ms = now_s * 1000;
  in.key = key->view();
  if (!is_null) in.value = value->view();
  in.headers = headers;
  batch.inputs = {in, in};
  batch.inputs[1].offset = 1;
  static const auto seal = turnstile::event::seal_key::of(std::vector<unsigned char>(32, 9));
  turnstile::event::event_transform transform(s, turnstile::tests::plan_of(s.event, pseudonyms),
                                              seal);
  transform_batch(transform, batch, now_s);
  must(batch.outputs.size() == 2, "each input has one output");
  value.reset();
  key.reset();
  headers.clear();

  for (const failure& failed : batch.failures) write_error_record(batch, failed, "worker-1", now_s);
  summary_tally tally("user-login", 1000, turnstile::event::counted_names(s.event), {5, 4096});
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
