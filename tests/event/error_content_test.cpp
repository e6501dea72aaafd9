// What an error record repeats of its event: known fields of their type, treated, and no more.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/event/login_fixture.hpp"

using namespace turnstile::core;
using namespace turnstile::tests;

namespace {

const std::string device = "f6a1baa4-af52-443f-b54f-0eeccb502f12";

/// `real_event` as an error record's content has it.
std::string whole_content(const login_fixture& f) {
  return R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26","app_version":"2.3.0","ip":")" +
         f.pseudonyms->of("70.201.62.158") + R"(","locale":"KS","device_id":")" +
         f.pseudonyms->of(device) + R"(","timestamp":1729894074,"device_type":"iOS"})";
}

/// The same without one field: the token begins at its name and ends at the next one's.
std::string content_without(const login_fixture& f, std::string_view name) {
  std::string content = whole_content(f);
  const std::size_t at = content.find("\"" + std::string(name) + "\":");
  const std::size_t comma = content.find(',', at);
  if (comma == std::string::npos) return content.erase(at - 1, content.size() - at);
  return content.erase(at, comma + 1 - at);
}

/// Events as other products write them, with what of them must be readable nowhere.
struct foreign_event {
  std::string_view shape;
  std::string value;
  std::vector<std::string_view> personal;
};

const std::vector<foreign_event> foreign_events{
    {"an envelope of Kafka Connect",
     R"({"schema":{"type":"struct"},"payload":)" + real_event + "}",
     {"70.201.62.158", device}},
    {"an envelope of a change of a table",
     R"({"before":null,"op":"c","after":)" + real_event + "}",
     {"70.201.62.158", device}},
    {"CloudEvents",
     R"({"specversion":"1.0","id":"9","source":"/app","time":"2026-03-01T08:00:00Z","data":)" +
         real_event + "}",
     {"70.201.62.158", device}},
    {"a list of objects with addresses, and a profile",
     R"({"actor":{"alternateId":"grace@example.net","displayName":"Grace Sample"},)"
     R"("client":{"ipAddress":"203.0.113.77"},)"
     R"("request":{"ipChain":[{"ip":"203.0.113.77"},{"ip":"2001:db8:4::9"}]},"published":"2026"})",
     {"grace@example.net", "Grace Sample", "203.0.113.77", "2001:db8:4::9"}},
    {"everything one level down",
     R"({"log_id":"7","data":{"ip":"203.0.113.77","user_id":"x|1","user_name":"grace@example.net"}})",
     {"203.0.113.77", "grace@example.net"}},
    {"names in other letters",
     R"({"userId":"u","ipAddress":"203.0.113.77","DeviceId":"canary-device","IP":"198.51.100.4"})",
     {"203.0.113.77", "canary-device", "198.51.100.4"}},
    {"names at the top level that are another product's",
     R"({"Action":"login","Email":"grace@example.net","IPAddress":"203.0.113.77",)"
     R"("Approvers":["hopper@example.net"]})",
     {"grace@example.net", "203.0.113.77", "hopper@example.net"}},
    {"a key with a dot and an address with a port",
     R"({"user":"grace@example.net","addr.remote":"203.0.113.77:51000"})",
     {"grace@example.net", "203.0.113.77"}},
    {"a number as user_id beside names",
     R"({"user_id":4711,"actor":"grace-sample","actor_ip":"203.0.113.77","timestamp":1772352000})",
     {"grace-sample", "203.0.113.77"}},
    {"many events in one",
     R"({"Records":[)" + real_event + "," + real_event + "]}",
     {"70.201.62.158", device}},
    {"a telephone's name beside a timestamp that fits",
     R"({"timestamp":1772352000,"user":{"name":"grace@example.net"},)"
     R"("auth_device":{"ip":"203.0.113.78","name":"+41 00 000 00 00"}})",
     {"grace@example.net", "203.0.113.78", "+41 00"}},
    {"known names with values of another kind",
     R"({"user_id":{"mail":"grace@example.net"},"ip":["203.0.113.77"],"locale":{"city":"Bern-3011"},)"
     R"("device_id":{"id":"canary-device"},"timestamp":"203.0.113.77","device_type":["PC-GRACE"],)"
     R"("app_version":true})",
     {"grace@example.net", "203.0.113.77", "Bern-3011", "canary-device", "PC-GRACE"}},
    {"an address as a name",
     R"({"user_id":"u","203.0.113.77":{"\u0069p":"198.51.100.4"}})",
     {"203.0.113.77", "198.51.100.4"}},
};

}  // namespace

TEST_CASE_FIXTURE(login_fixture,
                  "an event of another shape shows no personal value in its record") {
  for (const foreign_event& event : foreign_events) {
    CAPTURE(event.shape);
    const auto& out = run_to_error_record(event.value);
    REQUIRE(out.result == outcome::failed);
    for (const std::string_view personal : event.personal) {
      CAPTURE(personal);
      CHECK(out.value.find(personal) == std::string::npos);
      for (const header_view& h : out.headers)
        CHECK(h.value.value_or("").find(personal) == std::string::npos);
    }
  }
}

TEST_CASE_FIXTURE(login_fixture, "content has the known fields, ip and device_id as pseudonyms") {
  const std::string missing = with(real_event, ", \"device_type\": \"iOS\"", "");
  run(with(missing, "{", R"({"risk": {"score": 7}, )"));
  CHECK(failed().content == content_without(*this, "device_type"));
  run(value_of("timestamp", "-1"));
  CHECK(failed().content == with(whole_content(*this), "1729894074", "-1"));
}

TEST_CASE_FIXTURE(login_fixture, "a known field of another type is left out of the content") {
  for (const auto* name : {"user_id", "app_version", "ip", "locale", "device_id", "device_type"})
    for (const auto* token :
         {"7", "-1.5e3", "true", "{}", R"({"v4":"203.0.113.7"})", R"([ "203.0.113.7" ])"}) {
      CAPTURE(name);
      CAPTURE(token);
      run(value_of(name, token));
      CHECK(failed().reason == reason::wrong_type);
      CHECK(failed().content == content_without(*this, name));
    }
}

TEST_CASE_FIXTURE(login_fixture,
                  "a timestamp that no option would take is left out, but a number") {
  for (const auto* token :
       {R"("203.0.113.7")", R"("2001:db8::7")", R"("grace@example.net")", R"("")",
        R"("1729894074 ")", R"("2024-10-25T22:07:54")", R"("2024-10-25T22:07:54Z203.0.113.7")",
        "true", R"({"ip":"203.0.113.7"})", R"(["203.0.113.7"])", R"("253402300800000000000")"}) {
    CAPTURE(token);
    run(value_of("timestamp", token));
    CHECK(failed().reason == reason::bad_timestamp);
    CHECK(failed().content == content_without(*this, "timestamp"));
  }
  for (const auto* token :
       {"-1", "1729894074.5", "17e8", "1729894074123", R"("1729894074123")",
        R"("17298940741234\u0035\u0036")", R"("2024-10-25T22:07:54.5+02:00")"}) {
    CAPTURE(token);
    run(value_of("timestamp", token));
    CHECK(failed().reason == reason::bad_timestamp);
    CHECK(failed().content == with(whole_content(*this), "1729894074", token));
  }
}

TEST_CASE_FIXTURE(login_fixture, "a known field that is null is repeated as null") {
  for (const auto name : required_fields) {
    run(value_of(name, "null"));
    CHECK(failed().content.find("\"" + std::string(name) + "\":null") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(login_fixture, "a string of any text in ip or device_id becomes its pseudonym") {
  for (const auto* text : {"", "-", "203.0.113.7, 70.41.3.18", "grace@example.net"}) {
    run(with(value_of("ip", "\"" + std::string(text) + "\""), "1729894074", "true"));
    CHECK(failed().content.find("\"ip\":\"" + pseudonyms->of(text) + "\"") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(login_fixture, "unknown fields are repeated where errors.unknown keeps them") {
  const std::string event =
      with(without("device_type"), "{", R"({"net": {"ip" : "203.0.113.7"}, )");
  const std::string all = with(with(whole_content(*this), "{", R"({"net":{"ip":"203.0.113.7"},)"),
                               "device_type", "other_device_type");
  options.errors.unknown = unknown_fields::keep;
  run(event);
  CHECK(failed().content == all);
  run(value_of("ip", R"(["203.0.113.7"])"));
  CHECK(failed().content == content_without(*this, "ip"));
  options.event.unknown = unknown_policy::drop;
  run(event);
  CHECK(failed().content == content_without(*this, "device_type"));
}

TEST_CASE_FIXTURE(login_fixture, "content can be left out") {
  options.errors.content = error_content::none;
  options.errors.unknown = unknown_fields::keep;
  run(without("locale"));
  CHECK(failed().content.empty());
  CHECK(failed().user_id == "\"62001a69-dc2c-4b28-8650-521ac278de26\"");
}

TEST_CASE_FIXTURE(login_fixture, "content can be raw") {
  options.errors.content = error_content::raw;
  run(with(without("device_type"), "1729894074", " -1 "));
  CHECK(failed().content.find(R"("ip":"70.201.62.158","locale":"KS")") != std::string::npos);
  CHECK(failed().content.find(R"("timestamp":-1,"other_device_type":"iOS"})") != std::string::npos);
  run(with(real_event, "}", ""));
  CHECK(failed().content.empty());
}
