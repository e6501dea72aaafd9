#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "app/cli.hpp"
#include "captured.hpp"
#include "config/options.hpp"
#include "config/options_reference.hpp"
#include "core/exit_codes.hpp"
#include "kafka_io/client/defaults_reference.hpp"
#include "noted_commands.hpp"

namespace turnstile::app {

namespace {

struct outcome {
  int code = 0;
  std::string output;
  std::string error;
};

outcome check(std::vector<std::string> arguments, const environment& variables = {}) {
  arguments.insert(arguments.begin(), "check");
  outcome out;
  out.error = captured(STDERR_FILENO, [&] {
    out.output = captured(STDOUT_FILENO, [&] {
      out.code = run_command_line(noted_commands(), arguments, variables);
    });
  });
  return out;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what differs from the defaults is told with where it was given, the verdict last") {
  const auto done = check({"--set", "producer.linger_ms=9", "--set", "privacy.hmac_key_file="},
                          {{"TURNSTILE_KAFKA_SASL_USERNAME", "alice"}});
  CHECK(done.code == exit_ok);
  CHECK(done.output.starts_with(
      "privacy.hmac_key_file = \"\"  # command line (--set)\n"
      "producer.linger_ms = 9  # command line (--set)\n"
      "kafka.sasl.username = \"alice\"  # environment variable "
      "TURNSTILE_KAFKA_SASL_USERNAME\n\n# the rules in force, from the preset login\n"
      "fields.user_id = "));
  CHECK(contains(done.output, "\n\nkey fingerprint: none\nwarning: privacy."));
  CHECK(done.output.ends_with("\nconfiguration is valid\n"));
  CHECK(check({}).output.starts_with("# every option has its default; --all shows them\n"));
  CHECK(check({}, {{"TURNSTILE_FIELDS", "{ ip = \"mask-ip\" }"}})
            .output.starts_with("# every option has its default, only rules were given; --all"));
}

TEST_CASE("--all tells every value in force and where it was given") {
  const auto done =
      check({"--all", "--set", "producer.linger_ms=9"}, {{"TURNSTILE_KAFKA_GROUP", "g"}});
  CHECK(done.code == exit_ok);
  CHECK(done.error.empty());
  CHECK(contains(done.output, "\nproducer.linger_ms = 9  # command line (--set)\n"));
  CHECK(contains(done.output,
                 "\nkafka.group = \"g\"  # environment variable TURNSTILE_KAFKA_GROUP\n"));
  CHECK(contains(done.output, "\nlog.files_max = 5  # default\n"));
  CHECK(contains(done.output, "\nfilter.keep.app_version = [\"2.3.0\"]  # preset login\n"));
  for (const auto& option : core::option_table())
    CHECK(contains(done.output, std::string(option.name) + " = "));
  const auto values = done.output.substr(0, done.output.find("\nkey fingerprint:"));
  std::istringstream lines(values);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && !line.starts_with('#')) CHECK(contains(line, "  # "));
}

TEST_CASE("faults go to standard error, one line each, with exit code 78") {
  const auto done = check({"--set", "a.b=1", "--set", "c.d=2"});
  CHECK(done.code == exit_configuration);
  CHECK(done.output.empty());
  CHECK(done.error ==
        "turnstile: command line (--set): a.b: unknown option; `turnstile check --print-reference` "
        "lists all (CONFIGURATION.md)\n"
        "turnstile: command line (--set): c.d: unknown option; `turnstile check --print-reference` "
        "lists all (CONFIGURATION.md)\n");
}

TEST_CASE("secrets are shown neither as text nor as JSON, and other properties are") {
  const environment variables{{"TURNSTILE_KAFKA_SASL_PASSWORD", "hunter2"},
                              {"TURNSTILE_KAFKA_CONSUMER_SSL_KEY_PASSWORD", "hunter2"},
                              {"TURNSTILE_KAFKA_SASL_OAUTHBEARER_CONFIG", "hunter2"},
                              {"TURNSTILE_KAFKA_SASL_USERNAME", "alice"}};
  for (const auto& arguments : {std::vector<std::string>{}, std::vector<std::string>{"--json"}}) {
    const auto done = check(arguments, variables);
    CHECK(done.code == exit_ok);
    CHECK_FALSE(contains(done.output + done.error, "hunter2"));
    CHECK(contains(done.output, "(hidden)"));
    CHECK(contains(done.output, "alice"));
  }
}

TEST_CASE("--json is one object with faults, warnings and settings") {
  rapidjson::Document good;
  good.Parse(check({"--json", "--set", "summary.count_by=a,b"}).output.c_str());
  REQUIRE_FALSE(good.HasParseError());
  CHECK(good["valid"].GetBool());
  CHECK(good["faults"].Empty());
  CHECK(good["settings"]["summary.count_by"].Size() == 2);
  CHECK(good["settings"]["producer.linger_ms"].GetInt() == 1);
  CHECK(good["origins"]["producer.linger_ms"] == "default");
  CHECK(good["origins"]["fields.ip"] == "preset login");
  for (const auto& setting : good["settings"].GetObject())
    CHECK(good["origins"].HasMember(setting.name));
  CHECK(good["origins"]["summary.count_by"] == "command line (--set)");
  CHECK_FALSE(good.HasMember("brokers"));
  const auto bad = check({"--json", "--set", "a.\"b\n=1"});
  CHECK(bad.code == exit_configuration);
  rapidjson::Document faults;
  faults.Parse(bad.output.c_str());
  REQUIRE_FALSE(faults.HasParseError());
  CHECK_FALSE(faults["valid"].GetBool());
  CHECK(faults["faults"].Size() == 1);
  CHECK_FALSE(faults.HasMember("settings"));
}

TEST_CASE("the rules in force are shown, each with where it was given") {
  const std::vector<std::string> given{"--set", "fields.ip=mask-ip"};
  const auto text = check(given).output;
  CHECK(contains(text,
                 "\nfields.ip = { type = \"string\", method = \"mask-ip\", required = true }"
                 "  # command line (--set)\n"));
  CHECK(contains(text, "\nfilter.keep.app_version = [\"2.3.0\"]  # preset login\n"));
  CHECK(contains(check({"--set", "privacy.record_keys=hash"}).output,
                 "\nkey = \"pseudonym\"  # command line (--set)\n"));
  rapidjson::Document json;
  json.Parse(check({"--json", "--set", "fields.ip=mask-ip"}).output.c_str());
  REQUIRE_FALSE(json.HasParseError());
  CHECK(json["rules"]["preset"] == "login");
  CHECK(json["rules"]["fields"][1]["path"] == "ip");
  CHECK(json["rules"]["fields"][1]["rule"]["method"] == "mask-ip");
  CHECK(json["rules"]["keep"]["app_version"][0] == "2.3.0");
  CHECK(json["origins"]["fields.ip"] == "command line (--set)");
}

TEST_CASE("what a worker would refuse at its start is a fault") {
  for (const auto& [given, fault] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"privacy.hmac_key_file=/nonexistent"},
            "privacy.hmac_key_file: key file /nonexistent: No such file or directory"},
           {{"kafka.security.protocol=ssl", "kafka.ssl.ca.location=/nonexistent"},
            "kafka.ssl.ca.location: cannot read /nonexistent: No such file or directory"},
           {{"kafka.consumer.partition.assignment.strategy=foo"},
            "kafka: Unsupported partition.assignment.strategy: foo"},
           {{"kafka.consumer.max.poll.interval.ms=1000"},
            "kafka: `max.poll.interval.ms`must be >= `session.timeout.ms`"}}) {
    std::vector<std::string> arguments{"--connect"};
    for (const auto& one : given) arguments.insert(arguments.end(), {"--set", one});
    CAPTURE(fault);
    const auto done = check(arguments);
    CHECK(done.code == exit_configuration);
    CHECK(done.output.empty());
    CHECK(done.error.starts_with("turnstile: " + fault));
    CHECK(std::ranges::count(done.error, '\n') == 1);
  }
}

TEST_CASE("the key's fingerprint is shown, as the worker's first line has it, and a weak key") {
  CHECK(contains(check({}).output, "\nkey fingerprint: none\n"));
  CHECK(contains(check({"--json"}).output, "\"key_fingerprint\":\"none\""));
  const std::string file = "check_command_test.key";
  std::ofstream(file) << std::string(64, 'a') << '\n';
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  const auto done = check({"--set", "privacy.hmac_key_file=" + file});
  std::filesystem::remove(file);
  CHECK(contains(done.output, "\nkey fingerprint: "));
  CHECK(contains(done.output, "\nwarning: privacy.hmac_key_file: the key is one byte repeated"));
  CHECK_FALSE(contains(done.output, "\nkey fingerprint: none\n"));
}

TEST_CASE("--connect asks the brokers, and only with a valid configuration") {
  broker_report() = {.problems = {"topic \"user-login\" is missing"}, .warnings = {"order"}};
  const auto missing = check({"--connect"});
  CHECK(missing.code == exit_unavailable);
  CHECK(missing.error == "turnstile: topic \"user-login\" is missing\n");
  CHECK_FALSE(contains(missing.output, "brokers and topics fit"));
  CHECK(check({"--connect", "--set", "a.b=1"}).code == exit_configuration);
  CHECK(check({}).code == exit_ok);
  broker_report() = {.warnings = {"order"}, .hints = {"codec"}, .unchecked = {"rights"}};
  const auto fits = check({"--connect"});
  CHECK(fits.code == exit_ok);
  CHECK(
      fits.output.ends_with("\nhint: codec\nnot checked: rights\nwarning: order\n"
                            "configuration is valid\nbrokers and topics fit\n"));
  rapidjson::Document json;
  json.Parse(check({"--connect", "--json"}).output.c_str());
  REQUIRE_FALSE(json.HasParseError());
  CHECK(json["brokers"].Empty());
  CHECK(json["broker_warnings"][0] == "order");
  CHECK(json["broker_hints"][0] == "codec");
  CHECK(json["unchecked"][0] == "rights");
  broker_report() = {};
}

TEST_CASE("reference and example are printed alone") {
  CHECK(check({"--print-reference"}).output ==
        core::reference_page() + kafka_io::defaults_reference());
  CHECK(check({"--print-example"}).output == core::example_file());
}

}  // namespace turnstile::app
