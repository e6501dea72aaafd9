// What the commands that read topics and groups take on their command lines.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "app/commands/preset_rules.hpp"
#include "app/watch/record_filter.hpp"
#include "cli_runs.hpp"
#include "config/config.hpp"
#include "core/exit_codes.hpp"

namespace turnstile::app {

TEST_CASE("watch takes several topics and leaves --set apart from them") {
  CHECK(run({"watch", "--set", "log.level=error", "one", "two", "--from", "beginning", "--count",
             "3", "--json"})
            .code == exit_ok);
  const auto& args = last_call().watch;
  CHECK(args.topics == std::vector<std::string>{"one", "two"});
  CHECK(args.scope.from == kafka_io::read_from::beginning);
  CHECK(args.count == 3);
  CHECK(args.json);
  (void)run({"watch", "one"});
  CHECK(last_call().watch.scope.from == kafka_io::read_from::end);
  CHECK_FALSE(last_call().watch.scope.until_end);
  CHECK(last_call().watch.scope.partitions.empty());
}

TEST_CASE("other rules than the login event's are known, as generate cannot foretell by them") {
  const auto rules_with = [](const std::vector<std::string>& sets) {
    std::vector<core::override_text> given;
    for (const auto& one : sets) given.push_back(core::parse_override(one));
    return core::load_config({.command_line = given}).values.event;
  };
  CHECK(treat_as_login(rules_with({})));
  CHECK(treat_as_login(rules_with({"summary.count_by=locale", "event.id=device_id"})));
  for (const auto* other :
       {"filter.keep.app_version=9.9", "fields.city.required=true", "event.unknown=error",
        "event.tombstones=pass", "event.framing=confluent", "event.preset=none"})
    CHECK_FALSE(treat_as_login(rules_with({other})));
}

TEST_CASE("watch takes reasons, clauses, and with --summary no topic") {
  CHECK(run({"watch", "--reason", "bad_value,tombstone", "--reason", "too_deep", "--where", "a=1",
             "--where", "b[].c=2", "one"})
            .code == exit_ok);
  CHECK(last_call().watch.reasons ==
        std::vector<std::string>{"bad_value", "tombstone", "too_deep"});
  CHECK(last_call().watch.where == std::vector<std::string>{"a=1", "b[].c=2"});
  CHECK(last_call().watch.topics == std::vector<std::string>{"one"});
  CHECK(run({"watch", "--summary"}).code == exit_ok);
  CHECK(last_call().watch.summary);
  std::vector<std::string> many{"watch", "one"};
  for (std::size_t i = 0; i <= where_clauses_max; ++i) many.insert(many.end(), {"--where", "a=1"});
  CHECK(run(many).code == exit_usage);
  many.resize(many.size() - 2);
  CHECK(run(many).code == exit_ok);
}

TEST_CASE("lag takes limits, and looks once unless told") {
  CHECK(run({"lag", "--group", "theirs", "--max-records", "0", "--max-seconds", "1.5"}).code ==
        exit_ok);
  CHECK(last_call().settings.kafka.group == "theirs");
  CHECK(last_call().lag.records_max == 0);
  CHECK(last_call().lag.seconds_max == 1.5);
  CHECK_FALSE(last_call().lag.watch);
  CHECK(run({"lag", "--interval", "1"}).code == exit_usage);
  CHECK(run({"lag", "--max-records=-1"}).code == exit_usage);
  CHECK(run({"lag", "--max-seconds", "nan"}).code == exit_usage);
  CHECK(run({"lag", "--watch", "--interval", "0"}).code == exit_usage);
}

TEST_CASE("watch takes a place to begin, partitions as a list or one by one, and an end") {
  CHECK(
      run({"watch", "--from", "-5", "--partition", "0,3", "--partition", "7", "one", "--until-end"})
          .code == exit_ok);
  const auto& args = last_call().watch;
  CHECK(args.topics == std::vector<std::string>{"one"});
  CHECK(args.scope.from == kafka_io::read_from::last);
  CHECK(args.scope.value == 5);
  CHECK(args.scope.partitions == std::vector<std::int32_t>{0, 3, 7});
  CHECK(args.scope.until_end);
}

}  // namespace turnstile::app
