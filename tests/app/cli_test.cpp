#include "app/cli.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/commands.hpp"
#include "captured.hpp"
#include "cli_runs.hpp"
#include "core/exit_codes.hpp"
#include "noted_commands.hpp"

namespace turnstile::app {

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("run starts the worker with the settings of all sources") {
  const auto done = run({"run", "--brokers", "a:1,b:2", "--set", "batch.records_max=7", "--set",
                         "producer.linger_ms=9"},
                        {{"TURNSTILE_KAFKA_GROUP", "g"}});
  CHECK(done.code == exit_ok);
  CHECK(last_call().command == "run");
  CHECK(last_call().settings.kafka.brokers == std::vector<std::string>{"a:1", "b:2"});
  CHECK(last_call().settings.kafka.group == "g");
  CHECK(last_call().settings.batch.records_max == 7);
  CHECK(last_call().settings.producer.linger_ms == 9);
}

TEST_CASE("--brokers and --group hold over the environment") {
  (void)run({"run", "--group", "mine"}, {{"TURNSTILE_KAFKA_GROUP", "theirs"}});
  CHECK(last_call().settings.kafka.group == "mine");
}

TEST_CASE("run logs the configuration's warnings, and exits with 78 for what is refused later") {
  int status = 0;
  const auto error = captured(STDERR_FILENO, [&status] {
    // The worker itself, which changes the signals and limits of its process.
    const auto worker = ::fork();
    if (worker == 0)
      ::_exit(run_command_line(commands(),
                               {"run", "--set", "kafka.security.protocol=ssl", "--set",
                                "kafka.ssl.ca.location=/nonexistent"},
                               {}));
    ::waitpid(worker, &status, 0);
  });
  CHECK(WEXITSTATUS(status) == exit_configuration);
  CHECK(contains(error, "level=warning event=configuration detail=\"privacy."));
  CHECK(contains(error, "event=\"configuration refused\""));
}

TEST_CASE("the commands that tests note are those of the program") {
  std::vector<std::string_view> names;
  std::vector<std::string_view> noted;
  for (const auto& row : commands()) names.push_back(row.words.name);
  for (const auto& row : noted_commands()) noted.push_back(row.words.name);
  CHECK(names == noted);
}

TEST_CASE("a row is a command: help, options, dispatch and what may have been meant") {
  struct greeting {
    std::string whom = "nobody";
  };
  const std::vector<command> table{command_of<greeting>{
      .words = {.name = "greet", .about = "Says hello", .group = "Manners", .footer = "Examples:"},
      .add_options = [](CLI::App& to,
                        greeting& args) { to.add_option("--whom", args.whom, "Whom to greet"); },
      .run =
          [](const greeting& args, const command_input& /*input*/) {
            std::printf("hello %s\n", args.whom.c_str());
            return 7;
          }}};
  const auto greeted = run_with(table, {"greet", "--whom", "you"});
  CHECK(greeted.code == 7);
  CHECK(greeted.output == "hello you\n");
  CHECK(contains(run_with(table, {"--help"}).output, "Manners:\n  greet "));
  CHECK(contains(run_with(table, {"help", "greet"}).output, "--whom"));
  CHECK(contains(run_with(table, {"gret"}).error, "did you mean greet?"));
  CHECK(contains(run_with(table, {"greet", "--set", "a.b=c"}).error, "unknown option --set"));
  CHECK(contains(run_with(table, {"run"}).error, "unknown command"));
}

TEST_CASE("a bad configuration starts nothing, tells every fault and exits with 78") {
  for (const auto* name : {"run", "generate", "demo"}) {
    const auto done = run({name, "--set", "batch.record_max=7", "--set", "kafka.acks=1"});
    CHECK(done.code == exit_configuration);
    CHECK(last_call().command.empty());
    CHECK(done.output.empty());
    CHECK(done.error ==
          "turnstile: command line (--set): batch.record_max: unknown option; did you mean "
          "batch.records_max?\n"
          "turnstile: command line (--set): kafka.acks: cannot be set: always all: less loses "
          "records when a broker fails\n");
  }
}

TEST_CASE("a property that librdkafka does not know is a bad configuration") {
  const auto done = run({"run", "--set", "kafka.no.such=1"});
  CHECK(done.code == exit_configuration);
  CHECK(contains(done.error, "kafka.no.such: No such configuration property"));
}

TEST_CASE("generate takes its arguments") {
  CHECK(run({"generate", "--count", "5", "--rate", "2.5", "--seed", "7", "--mix", "m", "--topic",
             "t"})
            .code == exit_ok);
  const auto& args = last_call().generate;
  CHECK(args.count == 5);
  CHECK(args.rate == 2.5);
  CHECK(args.seed == 7);
  CHECK(args.mix == "m");
  CHECK(args.topic == "t");
  (void)run({"generate"});
  CHECK(last_call().generate.count == 20'000);
  CHECK_FALSE(last_call().generate.seed.has_value());
}

TEST_CASE("a command's own exit code is the process's") {
  CHECK(run({"demo", "--keep", "--count", "9"}).code == 3);
  CHECK(last_call().demo.keep);
  CHECK(last_call().demo.count == 9);
  CHECK_FALSE(last_call().demo.details);
  CHECK(run({"demo", "--details"}).code == 3);
  CHECK(last_call().demo.details);
}

TEST_CASE("an exception of a command is left to main") {
  CHECK_THROWS_AS((void)run({"run", "--group", "throws"}), std::runtime_error);
}

TEST_CASE("bad usage exits with 64, says why and names the help") {
  const std::vector<std::vector<std::string>> bad{{"run", "--nope"},
                                                  {"run", "extra"},
                                                  {"run", "-c"},
                                                  {"watch"},
                                                  {"watch", "t", "--from", "middle"},
                                                  {"watch", "t", "--reason", "bad"},
                                                  {"watch", "t", "--where", "a..b=1"},
                                                  {"watch", "t", "--partition=-1"},
                                                  {"watch", "t", "--partition=one"},
                                                  {"generate", "--count=0"},
                                                  {"generate", "--count=-1"},
                                                  {"generate", "--count=x"},
                                                  {"generate", "--rate=-1"},
                                                  {"generate", "--rate=fast"},
                                                  {"generate", "--seed=-1"},
                                                  {"demo", "--count=1.5"},
                                                  {"watch", "t", "--count=0"},
                                                  {"--nope"}};
  for (const auto& arguments : bad) {
    CAPTURE(arguments.front());
    CAPTURE(arguments.back());
    const auto done = run(arguments);
    CHECK(done.code == exit_usage);
    CHECK(done.output.empty());
    CHECK(done.error.starts_with("turnstile: "));
    CHECK(contains(done.error, "--help'."));
    CHECK(last_call().command.empty());
  }
}

TEST_CASE("an unknown command is told with the one that was meant") {
  CHECK(contains(run({"rnu"}).error, "unknown command \"rnu\"; did you mean run?"));
  CHECK(contains(run({"genrate"}).error, "did you mean generate?"));
  CHECK_FALSE(contains(run({"frobnicate"}).error, "did you mean"));
}

TEST_CASE("what was not expected is told without its value") {
  const auto told = [](const std::vector<std::string>& arguments) {
    const auto done = run(arguments);
    CHECK(done.code == exit_usage);
    CHECK_FALSE(contains(done.error, "hunter2"));
    return done.error.substr(0, done.error.find('\n'));
  };
  const std::string option =
      "turnstile: unknown option --kafka.sasl.password; did you mean --set kafka.sasl.password=…?";
  const std::string other = "turnstile: an argument that is no option is not expected";
  CHECK(told({"run", "--kafka.sasl.password=hunter2"}) == option);
  CHECK(told({"run", "--kafka.sasl.password:hunter2"}) == option);
  CHECK(told({"run", "--kafka.sasl.password", "hunter2"}) == option);
  CHECK(told({"run", "-phunter2"}) == "turnstile: unknown option -p");
  CHECK(told({"check", "hunter2", "-"}) == other);
  CHECK(told({"run", "--set", "a.b=c", "kafka.sasl.password=hunter2"}) == other);
  CHECK(told({"SASL_PASSWORD=hunter2", "run"}) == "turnstile: unknown command \"SASL_PASSWORD\"");
}

TEST_CASE("a file, a broker and a group without their options are named, with what was meant") {
  const auto told = [](const std::vector<std::string>& arguments) {
    const auto done = run(arguments);
    CHECK(done.code == exit_usage);
    return done.error.substr(0, done.error.find('\n'));
  };
  for (const auto* command : {"run", "check"})
    CHECK(told({command, "conf/orders.toml"}) ==
          "turnstile: unexpected argument \"conf/orders.toml\"; did you mean -c conf/orders.toml?");
  CHECK(told({"check", "-b", "a:1", "b:2"}) ==
        "turnstile: unexpected argument \"b:2\"; did you mean -b …,b:2?");
  CHECK(told({"lag", "logins"}) ==
        "turnstile: unexpected argument \"logins\"; did you mean --group logins?");
}

TEST_CASE("an unknown option is told with the one that was meant") {
  const auto told = [](const std::vector<std::string>& arguments) {
    const auto error = run(arguments).error;
    return error.substr(0, error.find('\n'));
  };
  CHECK(told({"run", "--broker", "k:1"}) ==
        "turnstile: unknown option --broker; did you mean --brokers?");
  CHECK(told({"check", "--bootstrap-servers=k:1"}) ==
        "turnstile: unknown option --bootstrap-servers; did you mean --bootstrap-server?");
  CHECK(told({"run", "--producer.liger_ms", "5"}) ==
        "turnstile: unknown option --producer.liger_ms; did you mean --set producer.linger_ms=…?");
  CHECK(told({"run", "--privacy.hmac_key=x"}) ==
        "turnstile: unknown option --privacy.hmac_key; did you mean --set "
        "privacy.hmac_key_file=…?");
  CHECK(told({"run", "--foo.bar=1"}) ==
        "turnstile: unknown option --foo.bar; options of the configuration go by --set, and "
        "`turnstile check --print-reference` lists all (CONFIGURATION.md)");
  CHECK(told({"run", "-n", "5"}) == "turnstile: unknown option -n");
  CHECK(told({"run", "--frobnicate"}) == "turnstile: unknown option --frobnicate");
}

TEST_CASE("the brokers may be named as Kafka's own tools and kcat name them") {
  for (const auto* name : {"--brokers", "--bootstrap-server", "-b"}) {
    CAPTURE(name);
    CHECK(run({"run", name, "k:1"}).code == exit_ok);
    CHECK(last_call().settings.kafka.brokers == std::vector<std::string>{"k:1"});
  }
}

TEST_CASE("help is a command too, alone and before another") {
  CHECK(run({"help"}).output == run({"--help"}).output);
  CHECK(run({"help", "watch"}).output == run({"watch", "--help"}).output);
  CHECK(run({"help", "watch"}).code == exit_ok);
  CHECK(contains(run({"help", "wacht"}).error, "unknown command \"wacht\"; did you mean watch?"));
}

TEST_CASE("a help shows defaults and types, and nothing of how they are checked") {
  for (const auto* name :
       {"run", "check", "generate", "watch", "lag", "demo", "audit", "version"}) {
    const auto text = run({"help", name}).output;
    for (const auto* artefact : {" in [", ":INT", "Excludes:", "Needs:", "REQUIRED", ":{", ")="}) {
      CAPTURE(name);
      CAPTURE(artefact);
      CHECK_FALSE(contains(text, artefact));
    }
  }
  CHECK(contains(run({"help", "generate"}).output, "--count N (20000)"));
}

TEST_CASE("a property of librdkafka that is unknown is told with the one that was meant") {
  CHECK(contains(run({"run", "--set", "kafka.consumer.sesion.timeout.ms=1"}).error,
                 "did you mean session.timeout.ms?"));
}

TEST_CASE("without arguments the help is shown as bad usage") {
  const auto done = run({});
  CHECK(done.code == exit_usage);
  CHECK(contains(done.error, "Usage: turnstile"));
}

TEST_CASE("every command has a help with examples on standard output") {
  CHECK(contains(run({"--help"}).output, "Examples:"));
  for (const auto* name :
       {"run", "check", "generate", "watch", "lag", "demo", "audit", "version"}) {
    CAPTURE(name);
    const auto done = run({name, "--help"});
    CHECK(done.code == exit_ok);
    CHECK(contains(done.output, "Examples:"));
    CHECK(done.error.empty());
  }
}

TEST_CASE("the help tells every exit code that a program may wait for") {
  for (const auto* code : {" 0 ", " 1 ", " 64 ", "69 ", "70 ", "74 ", "76 ", "78 "})
    CHECK(contains(run({"--help"}).output, code));
  for (const auto* code : {" 0 ", " 64 ", "70 ", "76 ", "78 ", "130 ", "143 "})
    CHECK(contains(run({"run", "--help"}).output, code));
}

TEST_CASE("version tells the versions of program and libraries, also as JSON") {
  const auto text = run({"version"});
  CHECK(text.code == exit_ok);
  for (const auto* library : {"turnstile ", "caf ", "librdkafka ", "libsodium ", "nettle "})
    CHECK(contains(text.output, library));
  CHECK(run({"version", "--json"}).output.starts_with("{\"turnstile\":\""));
  CHECK(run({"--version"}).output == std::string("turnstile ") + TURNSTILE_VERSION + "\n");
}

TEST_CASE("audit takes its range, its group and what else to look at") {
  CHECK(run({"audit", "--group", "g", "--offsets", "0:5-9,3:0-0", "--values"}).code == exit_ok);
  const auto& audit = last_call().audit;
  CHECK(last_call().command == "audit");
  CHECK(last_call().settings.kafka.group == "g");
  CHECK(last_call().group_given);
  CHECK(audit.values);
  CHECK_FALSE(audit.read_uncommitted);
  REQUIRE(audit.offsets.size() == 2);
  CHECK(audit.offsets[0].low == 5);
  CHECK(audit.offsets[0].high == 10);
  CHECK(audit.offsets[1].partition == 3);
  (void)run({"audit", "--since", "2024-10-25T22:14:20Z", "--isolation", "read_uncommitted"});
  CHECK(last_call().audit.since_s == 1729894460);
  CHECK(last_call().audit.read_uncommitted);
  CHECK_FALSE(last_call().group_given);
  (void)run({"audit", "--follow", "--interval", "5", "--lag-max", "7", "--state", "f"});
  CHECK(last_call().audit.follow);
  CHECK(last_call().audit.interval_s == 5);
  CHECK(last_call().audit.lag_max_s == 7);
  CHECK(last_call().audit.state_file == "f");
}

TEST_CASE("redrive takes what to redrive, and how often") {
  CHECK(run({"redrive", "--group", "g", "--reason", "bad_timestamp,bad_value", "--since",
             "1729894460", "--until", "2024-10-25T23:14:20Z", "--offsets", "0:5-9"})
            .code == exit_ok);
  const auto& redrive = last_call().redrive;
  CHECK(last_call().command == "redrive");
  CHECK(redrive.reasons == std::vector<std::string>{"bad_timestamp", "bad_value"});
  CHECK(redrive.since_s == 1729894460);
  CHECK(redrive.until_s == 1729898060);
  REQUIRE(redrive.offsets.size() == 1);
  CHECK(redrive.offsets[0].high == 10);
  CHECK(redrive.attempts_max == 3);
  CHECK_FALSE(redrive.dry_run);
  (void)run({"redrive", "--missing", "--dry-run", "--json", "--attempts-max", "5"});
  CHECK(last_call().redrive.missing);
  CHECK(last_call().redrive.dry_run);
  CHECK(last_call().redrive.json);
  CHECK(last_call().redrive.attempts_max == 5);
  const std::vector<std::vector<std::string>> refused{{"--reason", "typo"},
                                                      {"--missing", "--reason", "bad_value"},
                                                      {"--attempts-max", "0"},
                                                      {"--offsets", "5-9"},
                                                      {"--since", "yesterday"}};
  for (auto arguments : refused) {
    arguments.insert(arguments.begin(), "redrive");
    CHECK(run(arguments).code == exit_usage);
  }
}

TEST_CASE("audit refuses what it cannot mean") {
  const std::vector<std::vector<std::string>> refused{{"--offsets", "5-9"},
                                                      {"--offsets", "0:9-5"},
                                                      {"--offsets", "0:1-2,0:4-5"},
                                                      {"--offsets", "0:1-2,"},
                                                      {"--since", "yesterday"},
                                                      {"--since", "1", "--offsets", "0:1-2"},
                                                      {"--isolation", "dirty"},
                                                      {"--interval", "5"},
                                                      {"--state", "f"},
                                                      {"--follow", "--interval", "0"},
                                                      {"--follow", "--stopped"},
                                                      {"--follow", "--values"}};
  for (auto arguments : refused) {
    CAPTURE(arguments.back());
    arguments.insert(arguments.begin(), "audit");
    const auto done = run(arguments);
    CHECK(done.code == exit_usage);
    CHECK(contains(done.error, "Try 'turnstile audit --help'"));
    CHECK(last_call().command.empty());
  }
}

}  // namespace turnstile::app
