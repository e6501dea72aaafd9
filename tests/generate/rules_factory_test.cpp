// Events that fit rules, judged by the worker's own transform.
#include "generate/rules_factory.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "config/config.hpp"
#include "event/event_transform.hpp"
#include "event/plan.hpp"
#include "support/login_transform.hpp"

namespace turnstile::generate {
namespace {

constexpr int events = 500;

/// What becomes of events made of the rules, each outcome and error with how often.
std::map<std::string, int> outcomes_of(const core::event_rules& rules, std::uint64_t seed) {
  auto settings = tests::default_settings();
  settings.event = event::without_secrets(rules);
  event::event_transform transform(settings, tests::plan_of(settings.event, nullptr));
  rules_factory factory(rules, seed);
  std::map<std::string, int> found;
  for (int i = 0; i < events; ++i) {
    const auto made = factory.next();
    core::record_batch batch;
    batch.layout = std::make_shared<const core::topic_layout>();
    batch.inputs.push_back({.key = made.key, .value = made.value, .headers = made.headers});
    core::transform_batch(transform, batch, 1);
    if (!batch.failures.empty())
      ++found[std::string(batch.failures.front().error_type)];
    else
      ++found[batch.outputs.front().result == core::outcome::processed ? "processed" : "filtered"];
  }
  return found;
}

core::event_rules rules_with(std::vector<core::override_text> more) {
  more.insert(more.begin(), {"event.preset", "none", "test"});
  const auto loaded = core::load_config({.command_line = std::move(more)});
  CHECK(loaded.faults == std::vector<std::string>{});
  return loaded.values.event;
}

const std::map<std::string, int> all_processed{{"processed", events}};

}  // namespace

TEST_CASE("events of each preset that comes with the program are processed") {
  int presets = 0;
  for (const auto& file : std::filesystem::directory_iterator(TURNSTILE_SOURCE_DIR "/presets")) {
    if (file.path().extension() != ".toml") continue;
    CAPTURE(file.path().string());
    const auto loaded = core::load_config({.files = {file.path().string()}});
    REQUIRE(loaded.faults == std::vector<std::string>{});
    CHECK(outcomes_of(loaded.values.event, 7) == all_processed);
    ++presets;
  }
  CHECK(presets == 13);
}

TEST_CASE("each type, method and form of a time is one that its rule takes") {
  for (const auto* rule :
       {R"({type="integer", required=true})", R"({type="number", required=true})",
        R"({type="boolean", required=true})", R"({type="object", required=true})",
        R"({type="array", required=true})", R"({type="time", units="microseconds"})",
        R"({type="time", units="nanoseconds"})", R"({type="time", iso8601=true, output="rfc3339"})",
        R"("truncate-ip")", R"({method="mask-ip", port="drop"})", R"({method="round", to=5})",
        R"({method="pseudonym", canonical="uuid", required=true})", R"({method="mask"})",
        R"({method="truncate-ip", list=","})", R"("drop")", R"("null")"}) {
    CAPTURE(rule);
    CHECK(outcomes_of(rules_with({{"fields.a", rule, "test"}}), 3) == all_processed);
  }
}

TEST_CASE("nested paths, arrays, any depth, filters and a strict event are served") {
  const auto rules = rules_with({{"fields",
                                  R"({"a.b[].c"={type="string",required=true},)"
                                  R"("d[][]"="mask","**.mail"="drop",kind={type="string"}})",
                                  "test"},
                                 {"event.unknown", "error", "test"},
                                 {"filter.keep", R"({kind=["x","y"]})", "test"}});
  CHECK(outcomes_of(rules, 5) == all_processed);
}

TEST_CASE("the same seed gives the same events, and another one others") {
  const auto rules = rules_with({{"fields.a", R"({type="string", required=true})", "test"}});
  const auto text = [&rules](std::uint64_t seed) {
    rules_factory factory(rules, seed);
    std::string all;
    for (int i = 0; i < 10; ++i) all += *factory.next().value;
    return all;
  };
  CHECK(text(1) == text(1));
  CHECK(text(1) != text(2));
}

}  // namespace turnstile::generate
