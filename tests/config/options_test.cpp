#include "config/options.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "event/json_event.hpp"
#include "event/presets.hpp"

namespace turnstile::core {

namespace {

const option& row(std::string_view name) {
  const auto* found = find_option(name);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("every option has a help, a section and a default that it accepts itself") {
  std::set<std::string_view> sections;
  for (const auto& section : option_sections()) sections.insert(section.name);
  for (const auto& option : option_table()) {
    CAPTURE(option.name);
    CHECK(option.help.ends_with('.'));
    CHECK(sections.contains(section_of(option.name)));
    CHECK(value_fault(option, option.standard).empty());
  }
}

TEST_CASE("no two options share a name or an environment variable") {
  std::set<std::string> names;
  for (const auto& option : option_table()) {
    CAPTURE(option.name);
    CHECK(names.insert(std::string(option.name)).second);
    CHECK(names.insert(environment_name(option.name)).second);
  }
}

TEST_CASE("every option writes the field that it reads, and no other") {
  for (const auto& option : option_table()) {
    CAPTURE(option.name);
    option_value other = option.standard;
    switch (option.type) {
      case option_type::boolean:
        other = !std::get<bool>(other);
        break;
      case option_type::integer:
        other = option.max == std::get<std::int64_t>(other) ? option.min : option.max;
        break;
      case option_type::list:
        other = std::vector<std::string>{"x", "y"};
        break;
      case option_type::text:
        other = "other";
        break;
      case option_type::choice:
        other = std::string(option.names.back());
        break;
    }
    settings values = default_settings();
    option.set(values, other);
    for (const auto& each : option_table())
      CHECK(each.get(values) == (each.name == option.name ? other : each.standard));
  }
}

TEST_CASE("every integer accepts its bounds and refuses what lies beyond them") {
  for (const auto& option : option_table()) {
    if (option.type != option_type::integer) continue;
    CAPTURE(option.name);
    CHECK(value_fault(option, option.min).empty());
    CHECK(value_fault(option, option.max).empty());
    CHECK(value_fault(option, option.min - 1).find("out of range") != std::string::npos);
    CHECK(value_fault(option, option.max + 1).find("out of range") != std::string::npos);
  }
}

TEST_CASE("no value may be allowed that the parser would refuse for its size") {
  const option& allowed = row("input.value_bytes_max");
  CHECK(value_fault(allowed, std::int64_t{134'217'728}).empty());
  CHECK(value_fault(allowed, std::int64_t{134'217'729}) ==
        "134217729 is out of range: expects an integer from 1 to 134217728 (bytes)");
  CHECK(event::json_bytes_max == 134'217'728);
}

TEST_CASE("an integer's bounds fit the field that holds it") {
  for (const auto& option : option_table()) {
    if (option.type != option_type::integer) continue;
    CAPTURE(option.name);
    settings values = default_settings();
    option.set(values, option.max);
    CHECK(option.get(values) == option_value{option.max});
  }
}

TEST_CASE("the defaults are those of the documentation") {
  const settings s = default_settings();
  CHECK(s.kafka.brokers == std::vector<std::string>{"localhost:9092"});
  CHECK(s.kafka.group == "turnstile");
  CHECK(s.topics.input == "user-login");
  CHECK(s.input.value_bytes_max == 1'048'576);
  CHECK(s.event == event::login_rules());
  CHECK(s.errors.content == error_content::pseudonymised);
  CHECK(s.errors.unknown == unknown_fields::drop);
  CHECK(s.producer.compression == "snappy");
  CHECK(s.producer.linger_ms == 1);
  CHECK(s.batch.records_max == 1024);
  CHECK(s.memory.budget_mib == 256);
  CHECK(s.commit.interval_ms == 50);
  CHECK(s.shutdown.timeout_ms == 25'000);
  CHECK(s.log.level == severity::info);
}

TEST_CASE("each name of a choice becomes its own value") {
  for (const auto& option : option_table()) {
    for (const auto name : option.names) {
      CAPTURE(option.name);
      settings values = default_settings();
      option.set(values, option_value{std::string(name)});
      CHECK(option.get(values) == option_value{std::string(name)});
    }
  }
}

TEST_CASE("a value of another type is refused with what is expected") {
  CHECK(value_fault(row("producer.linger_ms"), option_value{std::string("5ms")}) ==
        "expects an integer from 0 to 900000 (milliseconds), not the string \"5ms\"");
  CHECK(value_fault(row("topics.create"), option_value{std::int64_t{1}}) ==
        "expects true or false, not the integer 1");
  CHECK(value_fault(row("kafka.brokers"), option_value{std::string("a:1")}) ==
        "expects a list of strings, not the string \"a:1\"");
  CHECK(value_fault(row("kafka.group"), option_value{true}) ==
        "expects a string, not the boolean true");
}

TEST_CASE("texts from environment and command line are read by the option's type") {
  CHECK(parse_value(row("producer.linger_ms"), "20").value == option_value{std::int64_t{20}});
  CHECK(parse_value(row("topics.create"), "true").value == option_value{true});
  CHECK(parse_value(row("kafka.brokers"), "a:1, b:2").value ==
        option_value{std::vector<std::string>{"a:1", "b:2"}});
  CHECK(parse_value(row("summary.count_by"), "").value == option_value{std::vector<std::string>{}});
  for (const auto* text : {"", " 1", "1 ", "+1", "0x1", "1e3", "5ms", "1.0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_value(row("producer.linger_ms"), text).fault.empty());
  }
  CHECK_FALSE(parse_value(row("producer.linger_ms"), "99999999999999999999").fault.empty());
  CHECK_FALSE(parse_value(row("topics.create"), "yes").fault.empty());
  CHECK_FALSE(parse_value(row("summary.count_by"), "[\"2.3.0\"]").fault.empty());
}

TEST_CASE("a list refuses empty and repeated items, and emptiness where it is required") {
  const auto fault = [](std::string_view name, std::vector<std::string> items) {
    return value_fault(row(name), option_value{std::move(items)});
  };
  CHECK(fault("kafka.brokers", {}) == "must not be empty");
  CHECK(fault("summary.count_by", {}).empty());
  CHECK(fault("summary.count_by", {"1", ""}) == "has an empty item");
  CHECK(fault("summary.count_by", {"1", "1"}) == "\"1\" is given twice");
}

TEST_CASE("texts with control characters or invalid UTF-8 are refused") {
  CHECK_FALSE(value_fault(row("kafka.group"), option_value{std::string("a\nb")}).empty());
  CHECK_FALSE(value_fault(row("kafka.group"), option_value{std::string("a\xff")}).empty());
  CHECK_FALSE(value_fault(row("kafka.group"), option_value{std::string()}).empty());
  CHECK(value_fault(row("kafka.group"), option_value{std::string("grüße")}).empty());
}

TEST_CASE("brokers are HOST:PORT") {
  const auto fault = [](const char* text) {
    return value_fault(row("kafka.brokers"), option_value{std::vector<std::string>{text}});
  };
  for (const auto* good : {"localhost:1", "kafka-1.example.org:9092", "10.0.0.1:1", "[::1]:65535",
                           "SASL_SSL://kafka:9093"}) {
    CAPTURE(good);
    CHECK(fault(good).empty());
  }
  for (const auto* bad : {":9092", "kafka:", "kafka:0", "kafka:65536", "kafka:x", "a b:1", "[::1",
                          "[]:1", "kafka:1:2", "http://", "http://kafka:9092", "kafka", "[::1]",
                          "[kafka:9092]", "SSL://kafka", "://kafka:1"}) {
    CAPTURE(bad);
    CHECK_FALSE(fault(bad).empty());
  }
}

TEST_CASE("an address that lacks its host or port is told whole") {
  const auto listen = [](const char* text) {
    return value_fault(row("http.listen"), option_value{std::string(text)});
  };
  CHECK(listen("127.0.0.1:9464").empty());
  CHECK(listen("9464") == "\"9464\" has no host; write 127.0.0.1:9464");
  CHECK(listen(":8080") == "\":8080\" has no host; write 127.0.0.1:8080");
  CHECK(listen("localhost") == "\"localhost\" has no port; write HOST:PORT (often 9464)");
  CHECK(listen("[::1]") == "\"[::1]\" has no port; write HOST:PORT (often 9464)");
  CHECK(listen("65536") == "\"65536\" has no port; write HOST:PORT (often 9464)");
  CHECK(listen("http://localhost:1") == "\"http://localhost:1\" is not of the form HOST:PORT");
  const auto broker = [](const char* text) {
    return value_fault(row("kafka.brokers"), option_value{std::vector<std::string>{text}});
  };
  CHECK(broker("9093") == "\"9093\" has no host; write localhost:9093");
  CHECK(broker("kafka") == "\"kafka\" has no port; write HOST:PORT (often 9092)");
}

TEST_CASE("a preset that is a file here is told as what -c takes, misspelled too") {
  const auto fault = [](std::string text) {
    return value_fault(row("event.preset"), option_value{std::move(text)});
  };
  const std::string okta =
      "the rules of okta are a file: give -c presets/okta.toml (of the package: "
      "/usr/share/turnstile/presets/okta.toml) in place of event.preset";
  CHECK(fault("okta") == "\"okta\" is not one of login, none; " + okta);
  CHECK(fault("Okta") == "\"Okta\" is not one of login, none; " + okta);
  CHECK(fault("splunk") == "\"splunk\" is not one of login, none");
  CHECK(fault("logim") == "\"logim\" is not one of login, none; did you mean \"login\"?");
}

TEST_CASE("topic names follow Kafka's rule") {
  const auto fault = [](std::string text) {
    return value_fault(row("topics.input"), option_value{std::move(text)});
  };
  CHECK(fault("a.b_c-D9").empty());
  CHECK(fault(std::string(249, 'a')).empty());
  for (const std::string& bad : {std::string(250, 'a'), std::string("."), std::string(".."),
                                 std::string("a/b"), std::string("a b"), std::string()}) {
    CAPTURE(bad);
    CHECK_FALSE(fault(bad).empty());
  }
}

TEST_CASE("the closest name is suggested, and none where nothing is near") {
  const std::vector<std::string_view> names{"gzip", "snappy", "zstd", "producer.linger_ms"};
  CHECK(closest("zst", names) == "zstd");
  CHECK(closest("snapyp", names) == "snappy");
  CHECK(closest("producer.liger_ms", names) == "producer.linger_ms");
  CHECK(closest("brotli", names).empty());
  CHECK(closest("x", names).empty());
  CHECK(closest(std::string(10'000, 'x'), names).empty());
}

}  // namespace turnstile::core
