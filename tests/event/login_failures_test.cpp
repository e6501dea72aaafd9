#include <string>

#include <doctest/doctest.h>

#include "tests/event/login_fixture.hpp"
#include "tests/support/seeded_random.hpp"

using namespace turnstile::core;
using namespace turnstile::tests;
using turnstile::event::write_error_record;

TEST_CASE_FIXTURE(login_fixture,
                  "what is no JSON object fails in stage parse, without user or content") {
  for (const maybe_bytes& value :
       {maybe_bytes(), maybe_bytes(""), maybe_bytes("\xff"), maybe_bytes("{\"user_id\":\"u\""),
        maybe_bytes("[]"), maybe_bytes(R"({"user_id":"u","a":1,"a":2})")}) {
    const auto& out = run(value);
    CHECK(out.result == outcome::failed);
    CHECK(out.topic == output_topic::errors);
    CHECK(out.value.empty());
    CHECK(out.key == "key");
    CHECK(failed().slot == batch.outputs.size() - 1);
    CHECK(failed().stage == stage::parse);
    CHECK(failed().user_id.empty());
    CHECK(failed().content.empty());
    CHECK(failed().attempts == 1);
    CHECK_FALSE(failed().error_type.empty());
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "a user_id that is absent, null or empty is the first thing missing") {
  for (const std::string& event : {without("user_id"), value_of("user_id", "null"),
                                   value_of("user_id", "\"\""), std::string("{}")}) {
    CHECK(error_type(event) == "Missing user_id");
    CHECK(failed().reason == reason::missing_fields);
    CHECK(failed().stage == stage::validate);
    CHECK(failed().user_id.empty());
  }
}

TEST_CASE_FIXTURE(login_fixture, "each other required field is missing when it is absent or null") {
  for (const auto name : required_fields)
    for (const std::string& event : {without(name), value_of(name, "null")}) {
      CHECK(error_type(event) == "Missing fields: " + std::string(name));
      CHECK(failed().reason == reason::missing_fields);
      CHECK(failed().user_id == "\"62001a69-dc2c-4b28-8650-521ac278de26\"");
    }
}

TEST_CASE_FIXTURE(login_fixture, "all missing fields are listed in their order") {
  CHECK(error_type(R"({"user_id":"u"})") ==
        "Missing fields: ip, device_id, app_version, device_type, timestamp, locale");
  CHECK(error_type(
            R"({"locale":"x","device_type":null,"user_id":5,"timestamp":1,"app_version":""})") ==
        "Missing fields: ip, device_id, device_type");
  CHECK(failed().user_id == "5");
}

TEST_CASE_FIXTURE(login_fixture, "a field of another type than string is named") {
  for (const auto* token : {"1", "true", "{}", "[ ]", "-1.5e3"}) {
    CHECK(error_type(value_of("user_id", token)) == "Wrong type: user_id");
    for (const auto name : required_fields) {
      if (name == "timestamp") continue;
      CHECK(error_type(value_of(name, token)) == "Wrong type: " + std::string(name));
      CHECK(failed().reason == reason::wrong_type);
    }
  }
  CHECK(error_type(R"({"user_id":1,"locale":1,"app_version":{},"device_type":"","ip":2,)"
                   R"("device_id":[],"timestamp":true})") ==
        "Wrong type: user_id, ip, device_id, app_version, locale");
}

TEST_CASE_FIXTURE(login_fixture, "a user_id that is an object or a list is not repeated") {
  for (const auto* token : {R"({"name":"x"})", R"(["x"])"}) {
    run(value_of("user_id", token));
    CHECK(failed().user_id.empty());
    CHECK(failed().content.find("user_id") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(login_fixture, "timestamps are errors, never guesses") {
  const std::pair<const char*, const char*> cases[] = {
      {"true", "neither a number nor a string"},
      {"{}", "neither a number nor a string"},
      {"[1]", "neither a number nor a string"},
      {"-1", "negative"},
      {"\"-1\"", "negative"},
      {"1.0", "a fraction or an exponent"},
      {"1e9", "a fraction or an exponent"},
      {"253402300800000000", "after the year 9999"},
      {"\"\"", "a string that is not all digits"},
      {"\" 1\"", "a string that is not all digits"}};
  for (const auto& [token, why] : cases) {
    CHECK(error_type(value_of("timestamp", token)) == std::string("Bad timestamp: ") + why);
    CHECK(failed().reason == reason::bad_timestamp);
    CHECK(failed().stage == stage::validate);
  }
  CHECK(error_type(value_of("timestamp", "253402300800")) ==
        "Bad timestamp: after the year 9999 in seconds; units = \"magnitude\" in its rule would "
        "take it as milliseconds or microseconds");
  CHECK(run(value_of("timestamp", "253402300799")).result == outcome::processed);
  CHECK(run(value_of("timestamp", "0")).result == outcome::processed);
}

TEST_CASE_FIXTURE(login_fixture, "a default that is no timestamp fails the record") {
  rule_of(options, "timestamp").default_token = "\"never\"";
  CHECK(error_type(without("timestamp")) == "Bad timestamp: a string that is not all digits");
}

TEST_CASE_FIXTURE(login_fixture, "checks come in their order: missing, type, timestamp, filter") {
  CHECK(error_type(R"({"user_id":"u","ip":1,"timestamp":-1})").starts_with("Missing fields"));
  CHECK(error_type(with(value_of("timestamp", "-1"), "\"KS\"", "1")) == "Wrong type: locale");
  CHECK(error_type(with(value_of("timestamp", "-1"), "2.3.0", "9")) == "Bad timestamp: negative");
}

namespace {

/// A real event with something wrong or odd about it.
std::string damaged(seeded_random& random, const std::string& ip, const std::string& device) {
  std::string event =
      with(with(real_event, "70.201.62.158", ip), "f6a1baa4-af52-443f-b54f-0eeccb502f12", device);
  for (std::size_t n = random.below(4); n > 0 && event.size() > 1; --n) {
    switch (random.below(5)) {
      case 0:
        event.erase(random.below(event.size()), 1);
        break;
      case 1:
        event.insert(random.below(event.size()), 1, random.one_of("{}[],:\"\\x0 \xff"));
        break;
      case 2:
        event.resize(random.below(event.size()) + 1);
        break;
      case 3:
        event[random.below(event.size())] = random.one_of("{}[]\",n1");
        break;
      default:
        if (event.find("2.3.0") != std::string::npos) event = with(event, "2.3.0", "9.9");
    }
  }
  return event;
}

}  // namespace

TEST_CASE_FIXTURE(login_fixture,
                  "no damaged event shows its ip or device_id in what is written for it") {
  seeded_random random;
  INFO(random.note());
  std::size_t outcomes[3] = {};
  for (int i = 0; i < 4000; ++i) {
    const std::string ip = "203.0.113." + std::to_string(1000 + i);
    const std::string device = "canary-" + std::to_string(i) + "-device";
    // Where the damage renames a field its value is no ip or device_id any more.
    const std::string event = damaged(random, ip, device);
    if (event.find("\"ip\"") == std::string::npos ||
        event.find("\"device_id\"") == std::string::npos)
      continue;
    auto& out = run(event);
    ++outcomes[static_cast<std::size_t>(out.result)];
    if (out.result == outcome::failed) {
      CHECK(failed().error_type.find(ip) == std::string::npos);
      write_error_record(batch, failed(), "w", test_now_s);
    }
    INFO(event);
    CHECK(out.value.find(ip) == std::string::npos);
    CHECK(out.value.find(device) == std::string::npos);
  }
  for (const std::size_t count : outcomes) CHECK(count > 50);
}

TEST_CASE_FIXTURE(login_fixture, "no error type repeats anything of the value") {
  const std::string canary = "canary";
  for (const std::string& event :
       {"{\"" + canary + "\"", "{\"" + canary + "\":1,\"" + canary + "\":2}", "\"" + canary + "\"",
        canary, value_of("timestamp", "\"" + canary + "\""), value_of("ip", "[\"" + canary + "\"]"),
        value_of("user_id", "{\"" + canary + "\":1}"), "{\"" + canary + "\":1}"})
    CHECK(error_type(event).find(canary) == std::string::npos);
}
