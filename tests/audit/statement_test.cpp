#include "audit/statement/statement.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/own_headers.hpp"
#include "event/presets.hpp"

namespace turnstile::audit {
namespace {

core::settings default_settings() {
  core::settings settings;
  settings.event = event::login_rules();
  return settings;
}

reading read_some() {
  reading read;
  read.topics = {{"input", "user-login", {{0, 5, 105}, {1, 0, 7}}}};
  return read;
}

std::string statement_of(const audit_report& report, const reading& read,
                         const core::settings& settings = default_settings()) {
  return to_statement({"turnstile 0.1.0 abc", "2024-10-25T22:14:20Z", "00ff"}, report, read,
                      settings);
}

bool says(const std::string& statement, const std::string& text) {
  return statement.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a statement says who made it, when, by which rules, and what was read") {
  audit_report report;
  report.input_topic = "user-login";
  const auto text = statement_of(report, read_some());
  CHECK(text.starts_with(R"({"schema":1,"program":"turnstile 0.1.0 abc",)"
                         R"("time":"2024-10-25T22:14:20Z","verdict":"not_known",)"
                         R"("rules_sha256":"00ff","treated":["ip","device_id"],)"
                         R"("topics":{"input":{"topic":"user-login",)"
                         R"("partitions":[[0,5,105],[1,0,7]]}},"keys":{})"));
  CHECK(says(text, "\"audit\":" + to_json(report) + "}"));
  CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("the same facts make the same bytes") {
  CHECK(statement_of({}, read_some()) == statement_of({}, read_some()));
}

TEST_CASE("a statement says what was not looked at, and why") {
  reading read = read_some();
  CHECK(says(statement_of({}, read), R"({"what":"raw values","why":"--values was not given"})"));
  read.values = value_counts{.inputs = 90,
                             .looked_for = 180,
                             .found = 1,
                             .too_short = 3,
                             .too_common = 2,
                             .no_event = 4,
                             .not_kept = 10};
  read.sealed = 6;
  read.raw_errors = 8;
  audit_report report;
  report.missing_topics = {"cleaned-data"};
  report.counts.unknown = 9;
  const auto text = statement_of(report, read);
  CHECK(says(text, R"("values":{"inputs":90,"looked_for":180,"found":1,"too_short":3,)"
                   R"("too_common":2})"));
  for (const auto* said :
       {R"({"what":"inputs","count":10,)", R"("count":4,)", R"({"what":"values","count":3,)",
        R"({"what":"values found","count":2,)", R"({"what":"contents of error records","count":6,)",
        R"({"what":"error records","count":8,)", R"({"what":"topic cleaned-data",)",
        R"({"what":"inputs","count":9,)", R"({"what":"committed offsets",)"})
    CHECK_MESSAGE(says(text, said), said);
}

TEST_CASE("keys are counted by id, and what is no id is not told") {
  key_counts keys;
  const auto add = [&keys](core::maybe_bytes id) {
    const std::vector<core::header_view> headers{{core::key_id_header, id}};
    core::record_view record;
    record.headers = headers;
    keys.add(record);
  };
  add("2024");
  add("2024");
  add("203.0.113.7");
  add(std::nullopt);
  keys.add({});
  CHECK(keys.by_id() == std::map<std::string, std::int64_t>{{"2024", 2}, {"(other)", 2}});
  CHECK(keys.without() == 1);
  for (std::size_t i = 0; i < key_counts::ids_max + 10; ++i) add("k" + std::to_string(i));
  CHECK(keys.by_id().size() == key_counts::ids_max);
}

TEST_CASE("all places that a rule treats are named") {
  core::event_rules rules = event::login_rules();
  rules.key.method = core::field_method::drop;
  rules.headers = {{"trace", {}}, {"x-user", {.method = core::field_method::drop}}};
  rules.other_headers.method = core::field_method::pseudonym;
  CHECK(treated_places(rules) ==
        std::vector<std::string>{"ip", "device_id", "key", "headers.x-user", "headers"});
}

}  // namespace turnstile::audit
