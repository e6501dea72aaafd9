#include "config/config.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "config_fixture.hpp"

namespace turnstile::core {

TEST_CASE("without any source everything is at its default and valid") {
  const auto loaded = load_config({});
  CHECK(loaded.faults.empty());
  CHECK(loaded.origins.empty());
  CHECK(loaded.values.producer.linger_ms == 1);
}

TEST_CASE("defaults give way to the file, the file to the environment, that to the command line") {
  const std::string file =
      "[producer]\nlinger_ms = 3\nretry_backoff_ms = 1\n[batch]\nrecords_max = 1";
  const auto loaded =
      load(file, {{"batch.records_max", "3", "--set"}},
           {{"TURNSTILE_PRODUCER_LINGER_MS", "2"}, {"TURNSTILE_BATCH_RECORDS_MAX", "2"}});
  CHECK(loaded.faults == lines{});
  CHECK(loaded.values.commit.interval_ms == 50);
  CHECK(loaded.values.producer.retry_backoff_ms == 1);
  CHECK(loaded.values.producer.linger_ms == 2);
  CHECK(loaded.values.batch.records_max == 3);
  CHECK(loaded.origins.at("producer.linger_ms") ==
        "environment variable TURNSTILE_PRODUCER_LINGER_MS");
  CHECK(loaded.origins.at("batch.records_max") == "command line (--set)");
}

TEST_CASE("of two on the command line the later holds") {
  const auto loaded =
      load("", {{"batch.records_max", "3", "--set"}, {"batch.records_max", "4", "--set"}});
  CHECK(loaded.values.batch.records_max == 4);
}

TEST_CASE("every kind of value is read from the file") {
  const auto loaded = load(R"(
kafka.brokers = ["a:1", "b:2"]
[topics]
create = true
[errors]
content = "none"
[fields]
device_type = { default = "unknown" }
[producer]
linger_ms = 20
)");
  CHECK(loaded.faults == lines{});
  CHECK(loaded.values.kafka.brokers == lines{"a:1", "b:2"});
  CHECK(loaded.values.topics.create);
  CHECK(loaded.values.errors.content == error_content::none);
  CHECK(loaded.values.event.fields[4].default_token == "\"unknown\"");
  CHECK(loaded.values.producer.linger_ms == 20);
}

TEST_CASE("a list may be written as one string, with commas as on the command line") {
  const auto loaded = load("kafka.brokers = \"a:1,b:2\"\nsummary.count_by = \"locale\"\n");
  CHECK(loaded.faults == lines{});
  CHECK(loaded.values.kafka.brokers == lines{"a:1", "b:2"});
  CHECK(loaded.values.event.count_by == lines{"locale"});
  CHECK(load("kafka.brokers = \"\"\n").faults == lines{"FILE:1: kafka.brokers: must not be empty"});
}

TEST_CASE("YAML and JSON are recognised by their first line, and what looks alike is not") {
  const std::string hint =
      "; the configuration is TOML: turnstile check --print-example > "
      "turnstile.toml";
  for (const auto* yaml : {"kafka:\n  brokers: x\n", "# a\n\n---\nkafka:\n", "- a\n",
                           "group: x\r\n", "kafka:\r\n  a: b"}) {
    CAPTURE(yaml);
    CHECK(load(yaml).faults == lines{"FILE: looks like YAML" + hint});
  }
  CHECK(load(" {\"kafka\": {}}").faults == lines{"FILE: looks like JSON" + hint});
  for (const auto* toml : {"[kafka\n", "a = b:c\n", "\"a: b\" =\n", "a:b\n", ""}) {
    CAPTURE(toml);
    for (const auto& fault : load(toml).faults)
      CHECK(fault.find("looks like") == std::string::npos);
  }
}

TEST_CASE("all faults are told, each with its line and option") {
  const auto loaded = load(R"([producer]
linger_ms = "5"
liger_ms = 5
compression = "zst"
[memory]
budget_mib = 95
[log]
files_max = 1.5
level = 1979-05-27
)");
  CHECK(
      loaded.faults ==
      lines{"FILE:2: producer.linger_ms: expects an integer from 0 to 900000 (milliseconds), not "
            "the string \"5\"",
            "FILE:3: producer.liger_ms: unknown option; did you mean producer.linger_ms?",
            "FILE:4: producer.compression: \"zst\" is not one of none, gzip, snappy, lz4, zstd; "
            "did you mean \"zstd\"?",
            "FILE:6: memory.budget_mib: 95 is out of range: expects an integer from 96 to 1048576 "
            "(MiB)",
            "FILE:8: log.files_max: expects an integer from 1 to 1000 (files), not a number with "
            "a fraction",
            "FILE:9: log.level: expects one of debug, info, warning, error, not a date or time"});
}

TEST_CASE("faults of environment and command line name where they come from") {
  const auto loaded =
      load("", {{"batch.record_max", "1", "--set"}, {"kafka.brokers", ":1", "--brokers"}},
           {{"TURNSTILE_KAFKA_GRUOP", "g"}, {"TURNSTILE_LINGER_MS", "1"}, {"PATH", "/"}});
  CHECK(loaded.faults ==
        lines{"environment variable TURNSTILE_KAFKA_GRUOP: unknown option; did you mean "
              "TURNSTILE_KAFKA_GROUP?",
              "environment variable TURNSTILE_LINGER_MS: unknown option; did you mean "
              "TURNSTILE_PRODUCER_LINGER_MS?",
              "command line (--set): batch.record_max: unknown option; did you mean "
              "batch.records_max?",
              "command line (--brokers): kafka.brokers: \":1\" has no host; write localhost:1"});
}

TEST_CASE("a name without its unit or kind is told whole, and where names are that are near none") {
  CHECK(load("", {{"privacy.hmac_key", "secret", "--set"}, {"foo.bar", "1", "--set"}},
             {{"TURNSTILE_PRIVACY_HMAC_KEY", "secret"}, {"TURNSTILE_FOO", "1"}})
            .faults ==
        lines{"environment variable TURNSTILE_FOO: unknown option; `turnstile check "
              "--print-reference` lists all (CONFIGURATION.md)",
              "environment variable TURNSTILE_PRIVACY_HMAC_KEY: unknown option; did you mean "
              "TURNSTILE_PRIVACY_HMAC_KEY_FILE?",
              "command line (--set): privacy.hmac_key: unknown option; did you mean "
              "privacy.hmac_key_file?",
              "command line (--set): foo.bar: unknown option; `turnstile check --print-reference` "
              "lists all (CONFIGURATION.md)"});
  CHECK(load("hmac_key = 1\n").faults ==
        lines{"FILE:1: hmac_key: unknown option; did you mean privacy.hmac_key_file?"});
  // A table alone begins the names of all its options.
  CHECK(load("", {}, {{"TURNSTILE_PRIVACY", "1"}}).faults.front().ends_with("(CONFIGURATION.md)"));
}

TEST_CASE("a misspelled table is a fault also where it is empty") {
  CHECK(load("[producr]\n").faults ==
        lines{"FILE:1: producr: unknown option; did you mean producer?"});
  CHECK(load("[producer]\n[kafka.consumer]\n[event]\n[fields]\n").faults == lines{});
}

TEST_CASE("a file that is not there, a folder, or no TOML is one line") {
  CHECK(load_config({.files = {"/nonexistent.toml"}}).faults ==
        lines{"/nonexistent.toml: cannot be read: No such file or directory"});
  CHECK(load_config({.files = {"/tmp"}}).faults == lines{"/tmp: cannot be read: Is a directory"});
  const auto broken = load("[log]\nlevel = \n");
  REQUIRE(broken.faults.size() == 1);
  CHECK(broken.faults.front().starts_with("FILE:2:9: not valid TOML: "));
  CHECK(broken.faults.front().find('\n') == std::string::npos);
  CHECK(load("a = \"\xff\"").faults.size() == 1);
  for (const auto* header : {"[=", "[ \n", "[{", "[.kafka]", "[[="}) {
    CAPTURE(header);
    REQUIRE(load(header).faults.size() == 1);
    CHECK(load(header).faults.front().starts_with("FILE:1:"));
  }
  CHECK(load(std::string(2'000'000, '#')).faults.size() == 1);
}

TEST_CASE("what is wrong about a file's form is told without the value") {
  const auto told = [](const std::string& value) {
    const auto faults = load("[kafka]\n\"sasl.password\" = " + value + "\n").faults;
    REQUIRE(faults.size() == 1);
    REQUIRE(faults.front().starts_with("FILE:"));
    return faults.front().substr(faults.front().find("parsing "));
  };
  CHECK(told("17298940741729894074") == "parsing decimal integer");
  CHECK(told("0x17298940741729894074") == "parsing hexadecimal integer");
  CHECK(told("1e999999") == "parsing floating-point");
  CHECK(told("2024-99-01") == "parsing date: expected month between 1 and 12 (inclusive)");
  CHECK(told("\"hun\\qter2\"") == "parsing string: unknown escape sequence");
  CHECK(told("\"hun\"ter2\"") == "parsing key-value pair: expected a comment or whitespace");
  CHECK(told("nope") == "parsing floating-point: expected 'nan'");
  CHECK(told("1\n\"sasl.password\" = 2").starts_with("parsing key-value pair: cannot redefine"));
}

TEST_CASE("librdkafka's properties pass through, quoted or as nested tables") {
  const auto loaded = load(R"([kafka]
"security.protocol" = "ssl"
socket.timeout.ms = 5000
[kafka.consumer]
check.crcs = false
[kafka.producer]
"batch.size" = 1000
)",
                           {{"kafka.consumer.session.timeout.ms", "6000", "--set"}},
                           {{"TURNSTILE_KAFKA_SASL_PASSWORD", "p"}});
  CHECK(loaded.faults == lines{});
  CHECK(loaded.values.kafka.common == kafka_properties{{"sasl.password", "p"},
                                                       {"security.protocol", "ssl"},
                                                       {"socket.timeout.ms", "5000"}});
  CHECK(loaded.values.kafka.consumer ==
        kafka_properties{{"check.crcs", "false"}, {"session.timeout.ms", "6000"}});
  CHECK(loaded.values.kafka.producer == kafka_properties{{"batch.size", "1000"}});
}

TEST_CASE("a property cannot be given twice in one file, or be a list or a fraction") {
  CHECK(load("[kafka]\n\"a.b\" = 1\na.b = 2\n").faults ==
        lines{"FILE:3: kafka.a.b: is given twice"});
  CHECK(load("[kafka]\n\"a.b\" = [\"c\"]\n\"c.d\" = 0.5\n").faults.size() == 2);
}

TEST_CASE("refused properties are refused from every source") {
  const auto loaded = load("[kafka.consumer]\n\"group.id\" = \"g\"\n[kafka]\ndebug = \"all\"\n",
                           {{"kafka.producer.acks", "1", "--set"}},
                           {{"TURNSTILE_KAFKA_ENABLE_AUTO_COMMIT", "true"}});
  REQUIRE(loaded.faults.size() == 4);
  CHECK(loaded.faults[0] == "FILE:2: kafka.consumer.group.id: cannot be set: use kafka.group");
  CHECK(loaded.values.kafka.common.empty());
  CHECK(loaded.values.kafka.consumer.empty());
}

TEST_CASE("what librdkafka has against a property is told, but for secrets without its words") {
  const auto loaded =
      load_config({.command_line = {{"kafka.no.such", "v", "--set"},
                                    {"kafka.ssl.key.password", "hunter2", "--set"}},
                   .check_property = [](const std::string&, const std::string& value) {
                     return "refused: " + value;
                   }});
  CHECK(loaded.faults ==
        lines{"command line (--set): kafka.no.such: refused: v",
              "command line (--set): kafka.ssl.key.password: librdkafka refuses the value"});
}

TEST_CASE("variables that Kubernetes sets for services, and those of our scripts, are no options") {
  const auto loaded = load("", {},
                           {{"TURNSTILE_SERVICE_HOST", "10.0.0.1"},
                            {"TURNSTILE_PORT", "tcp://10.0.0.1:80"},
                            {"TURNSTILE_PORT_80_TCP_ADDR", "10.0.0.1"},
                            {"TURNSTILE_KAFKA_SERVICE_PORT", "9092"},
                            {"TURNSTILE_TEST_SEED", "1"}});
  CHECK(loaded.faults == lines{});
}

TEST_CASE("a command line without equals sign is refused without showing what may be a secret") {
  CHECK(parse_override("log.level=debug").name == "log.level");
  CHECK(parse_override("a.b=c=d").value == "c=d");
  for (const auto* text : {"kafka.sasl.password:hunter2", "=hunter2", ""}) {
    const auto loaded = load_config({.command_line = {parse_override(text)}});
    REQUIRE(loaded.faults.size() == 1);
    CHECK(loaded.faults.front().find("is not of the form table.key=value") != std::string::npos);
    CHECK(loaded.faults.front().find("hunter2") == std::string::npos);
  }
}

TEST_CASE("every fault is one line, whatever the input holds") {
  const auto loaded = load("\"a\\nb\" = 1\n[kafka]\nbrokers = [\"x\\u001b[31m\\n\"]\n");
  REQUIRE(loaded.faults.size() == 2);
  for (const auto& fault : loaded.faults)
    CHECK(std::ranges::none_of(fault, [](char c) { return c == '\n' || c == '\x1b'; }));
}

}  // namespace turnstile::core
