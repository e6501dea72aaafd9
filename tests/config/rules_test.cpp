// What file, environment and command line make of the rules for events.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "config/rules/rule_text.hpp"
#include "config_fixture.hpp"
#include "event/presets.hpp"

namespace turnstile::core {

namespace {

const field_rule& rule(const config& loaded, std::string_view path) {
  CAPTURE(path);
  const auto found = std::ranges::find(loaded.values.event.fields, path, &field_rule::path);
  REQUIRE(found != loaded.values.event.fields.end());
  return *found;
}

config valid(std::string_view toml, std::vector<override_text> command_line = {},
             std::vector<std::pair<std::string, std::string>> environment = {}) {
  auto loaded = load(toml, std::move(command_line), std::move(environment));
  CHECK(loaded.faults == lines{});
  return loaded;
}

config with_set(const char* text) { return valid("", {parse_override(text)}); }

const std::string none = "[event]\npreset = \"none\"\n";

}  // namespace

TEST_CASE("without any source the rules are those of the login event") {
  CHECK(load_config({}).values.event == event::login_rules());
}

TEST_CASE("with the preset none there are no rules, no id and nothing to count") {
  const auto rules = valid(none).values.event;
  CHECK(rules == event::no_rules());
  const auto given =
      valid(none + "id = \"user.id\"\n[summary]\ncount_by = [\"type\"]").values.event;
  CHECK(given.id == "user.id");
  CHECK(given.count_by == lines{"type"});
}

TEST_CASE("a rule that is a string is its method, and a table says all of it") {
  const auto loaded = valid(none + R"([fields]
"context.ip" = "truncate-ip"
"items[].email" = { method = "mask", keep_last = 4, with = "#" }
"**.password" = "drop"
time = { type = "time", units = "magnitude", iso8601 = true, zone = "UTC", output = "rfc3339", precision = "ms", truncate = "hour", fraction = true, required = true }
)");
  CHECK(rule(loaded, "context.ip").method.method == field_method::truncate_ip);
  const auto& mask = rule(loaded, "items[].email").method;
  CHECK(mask == method_rule{.method = field_method::mask, .keep_last = 4, .with = "#"});
  CHECK(rule(loaded, "**.password").method.method == field_method::drop);
  const auto& time = rule(loaded, "time");
  CHECK(time.required);
  CHECK(time.time == time_rule{time_units::magnitude, true, true, true, time_output::rfc3339,
                               time_precision::ms, time_truncation::hour});
}

TEST_CASE("rules keep the order of the file, behind those of the preset") {
  const auto fields =
      valid("[fields]\nzone = \"keep\"\nlocale = \"drop\"\na = \"keep\"").values.event.fields;
  REQUIRE(fields.size() == 9);
  CHECK(fields[6].path == "locale");
  CHECK(fields[7].path == "zone");
  CHECK(fields[8].path == "a");
}

TEST_CASE("what a rule leaves out is not counted by default") {
  CHECK(with_set("fields.locale=drop").values.event.count_by == lines{"device_type"});
}

TEST_CASE("a rule is merged over the preset's, attribute by attribute") {
  const auto loaded = valid("[fields]\nip = \"mask-ip\"\ndevice_id = { default = \"none\" }\n");
  CHECK(rule(loaded, "ip").required);
  CHECK(rule(loaded, "ip").type == field_type::string);
  CHECK(rule(loaded, "ip").method.method == field_method::mask_ip);
  CHECK(rule(loaded, "device_id").method.method == field_method::pseudonym);
  CHECK(rule(loaded, "device_id").default_token == "\"none\"");
}

TEST_CASE("another method forgets the attributes of the one before") {
  const std::string file = none + "[fields]\na = { method = \"mask\", keep_last = 4 }\n";
  const auto loaded = valid(file, {parse_override("fields.a.method=truncate-ip")});
  CHECK(rule(loaded, "a").method == method_rule{.method = field_method::truncate_ip});
  const auto same = valid(file, {parse_override("fields.a=mask")});
  CHECK(rule(same, "a").method.keep_last == 4);
}

TEST_CASE("a path in another spelling is the same rule") {
  const auto loaded = valid(none + "[fields]\n'\"ip\"' = \"mask-ip\"\n",
                            {parse_override("fields.ip.required=true")});
  REQUIRE(loaded.values.event.fields.size() == 1);
  CHECK(rule(loaded, "ip").required);
  CHECK(rule(loaded, "ip").method.method == field_method::mask_ip);
}

TEST_CASE("rules are set on the command line, by method, by attribute, or as a table") {
  CHECK(rule(with_set("fields.ip=mask-ip"), "ip").method.method == field_method::mask_ip);
  CHECK(rule(with_set("fields.\"context.ip\".method=drop"), "context.ip").method.method ==
        field_method::drop);
  CHECK(rule(with_set("fields.'\"a.b\".c'=drop"), "\"a.b\".c").method.method == field_method::drop);
  CHECK(rule(with_set("fields.\"a=b\"=drop"), "a=b").method.method == field_method::drop);
  CHECK(rule(with_set("fields.locale={ method = \"mask\", keep_first = 1 }"), "locale")
            .method.keep_first == 1);
  CHECK(rule(with_set("fields.ip.absent=-,unknown"), "ip").absent == lines{"-", "unknown"});
  CHECK(rule(with_set("fields.ip.default=1"), "ip").default_token == "\"1\"");
  CHECK(rule(with_set("fields.n.default=1"), "n").default_token == "1");
  CHECK(rule(with_set("fields.n.default=1.2.3"), "n").default_token == "\"1.2.3\"");
  CHECK(rule(with_set("fields.n={ method = \"round\", to = 0.5 }"), "n").method.to == 0.5);
}

TEST_CASE("a filter is a list of values for each path, a star at the end makes a prefix") {
  const auto rules = valid(R"([filter]
keep = { app_version = ["2.3.0", "2.4.*"], code = [200, true] }
drop = { "event.type" = "heartbeat" }
)")
                         .values.event;
  REQUIRE(rules.keep.size() == 2);
  CHECK(rules.keep[0].path == "app_version");
  CHECK(rules.keep[0].values ==
        std::vector<filter_value>{{"2.3.0", true, false}, {"2.4.", true, true}});
  CHECK(rules.keep[1].values ==
        std::vector<filter_value>{{"200", false, false}, {"true", false, false}});
  REQUIRE(rules.drop.size() == 1);
  CHECK(rules.drop[0].path == "event.type");
  CHECK(rules.drop[0].values == std::vector<filter_value>{{"heartbeat", true, false}});
}

TEST_CASE("conditions are merged path by path, and taken away by an empty list or table") {
  const auto keep = [](const char* toml) { return valid(toml).values.event.keep; };
  CHECK(keep("[filter]\nkeep = { a = [\"1\"] }").size() == 2);
  CHECK(keep("[filter.keep]\napp_version = []").empty());
  CHECK(keep("[filter]\nkeep = {}").empty());
}

TEST_CASE("a filter is set on the command line, where a number may also be a string") {
  const auto versions = with_set("filter.keep.app_version=2.3.0,2.3.1").values.event.keep;
  REQUIRE(versions.size() == 1);
  CHECK(versions[0].values ==
        std::vector<filter_value>{{"2.3.0", true, false}, {"2.3.1", true, false}});
  CHECK(with_set("filter.keep.app_version=").values.event.keep.empty());
  const auto drop = with_set("filter.drop.\"http.status\"=404").values.event.drop;
  REQUIRE(drop.size() == 1);
  CHECK(drop[0].path == "http.status");
  CHECK(drop[0].values == std::vector<filter_value>{{"404", true, false}, {"404", false, false}});
}

TEST_CASE("headers and key have rules, over those that the privacy options are short for") {
  const auto rules = valid(R"(
key = { method = "pseudonym", digits = 32 }
[privacy]
record_keys = "drop"
headers = "hash"
[headers]
x-user = "drop"
"a.b" = { method = "mask", keep_last = 2 }
)")
                         .values.event;
  CHECK(rules.key == method_rule{.method = field_method::pseudonym, .digits = 32});
  CHECK(rules.other_headers.method == field_method::pseudonym);
  REQUIRE(rules.headers.size() == 2);
  CHECK(rules.headers[0].name == "a.b");
  CHECK(rules.headers[1].method.method == field_method::drop);
  CHECK(valid("privacy.record_keys = \"hash\"").values.event.key.method == field_method::pseudonym);
  CHECK(with_set("key=drop").values.event.key.method == field_method::drop);
  CHECK(with_set("headers.x=keep").values.event.headers.size() == 1);
}

TEST_CASE("the environment has the options of an event, and its tables as TOML") {
  const auto loaded = valid("", {},
                            {{"TURNSTILE_EVENT_UNKNOWN", "drop"},
                             {"TURNSTILE_FILTER_KEEP", "{ app_version = [\"1\"] }"},
                             {"TURNSTILE_FIELDS", "{ ip = \"mask-ip\" }"},
                             {"TURNSTILE_KEY", "drop"}});
  CHECK(loaded.values.event.unknown == unknown_policy::drop);
  CHECK(loaded.values.event.keep[0].values[0].text == "1");
  CHECK(rule(loaded, "ip").method.method == field_method::mask_ip);
  CHECK(loaded.values.event.key.method == field_method::drop);
  CHECK(loaded.origins.at("fields.ip") == "environment variable TURNSTILE_FIELDS");
}

TEST_CASE("of several files the later holds, for each path") {
  const temporary_file first(none + "[fields]\na = \"drop\"\nb = \"drop\"\n");
  const std::string second = first.path() + ".second";
  std::ofstream(second) << "[fields]\nb = \"mask\"\n";
  const auto loaded = load_config({.files = {first.path(), second}});
  std::filesystem::remove(second);
  CHECK(loaded.faults == lines{});
  CHECK(rule(loaded, "a").method.method == field_method::drop);
  CHECK(rule(loaded, "b").method.method == field_method::mask);
  CHECK(loaded.origins.at("fields.a") == first.path() + ":4");
  CHECK(loaded.origins.at("fields.b") == second + ":2");
}

TEST_CASE("rules as text are read back as the same rules") {
  const auto begin = valid(R"([fields]
"context.ip" = "truncate-ip"
n = { type = "number", method = "round", to = 0.25, default = 1.5, invalid = "null" }
r = { method = "replace", value = "a\"b" }
t = { type = "time", iso8601 = true, zone = "UTC", output = "epoch_ms" }
s = { absent = ["-", "x"], allow_empty = false, method = "pseudonym", canonical = "ip", list = "," }
[filter.keep]
code = [200, "2.*"]
[headers]
x = "mask"
)")
                         .values.event;
  std::string text;
  for (const auto& line : rule_lines(begin)) text += line.name + " = " + line.value + "\n";
  CHECK(valid(text).values.event == begin);
}

}  // namespace turnstile::core
