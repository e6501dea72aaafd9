// A lane on the worker's own transform: what old rules wrote, judged by new ones.
#include "app/shadow/lane.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "core/own_headers.hpp"
#include "event/error_record.hpp"
#include "event/event_transform.hpp"
#include "support/login_transform.hpp"

namespace turnstile::shadow {
namespace {

constexpr std::string_view login =
    R"({"user_id":"u","app_version":"3.0","ip":"10.0.0.1","locale":"DE","device_id":"d",)"
    R"("timestamp":1729894074,"device_type":"iOS"})";

core::settings settings_with(const std::vector<std::string>& app_versions = {"3.0"}) {
  auto settings = tests::default_settings();
  tests::keep_versions(settings, app_versions);
  return settings;
}

std::shared_ptr<const new_rules> rules_of(const core::settings& settings,
                                          const std::string& key_id = "") {
  return std::make_shared<const new_rules>(
      new_rules{.settings = settings,
                .plan = tests::plan_of(settings.event, nullptr),
                .layout = std::make_shared<const core::topic_layout>(),
                .keyed = keyed_parts(settings.event),
                .key_id = key_id});
}

struct fixture {
  explicit fixture(const core::settings& now, const std::string& key_id = "")
    : judge(rules_of(now, key_id), 1'000'000) {
    judge.open(0, {0, 100});
  }

  /// A worker with `before` wrote the output of this input, with further headers.
  void pass(const core::settings& before, std::int64_t offset, std::string_view value,
            std::vector<core::header_view> more = {}) {
    event::event_transform transform(before, tests::plan_of(before.event, nullptr));
    core::record_batch batch;
    batch.layout = std::make_shared<const core::topic_layout>();
    batch.inputs.push_back({.offset = offset, .value = value});
    core::transform_batch(transform, batch, 1);
    auto where = audit::fate::processed;
    for (const auto& failed : batch.failures) {
      event::write_error_record(batch, failed, "old", 1);
      where = audit::fate::error;
    }
    const auto& out = batch.outputs.front();
    if (out.result == core::outcome::filtered) where = audit::fate::cleaned;
    std::vector<core::header_view> headers(out.headers.begin(), out.headers.end());
    headers.insert(headers.end(), more.begin(), more.end());
    parcel read;
    read.partition = 0;
    read.add_output(offset, where, {.key = out.key, .value = out.value, .headers = headers});
    read.add_input({.offset = offset, .value = value});
    judge.take(read);
  }

  std::string found() {
    std::string out;
    judge.counts().for_each([&](const verdict& what, const tally::entry& entry) {
      out += std::to_string(entry.count) + " ";
      if (what.kind == verdict_kind::same) out += "same";
      if (what.kind == verdict_kind::by_broker) out += "by a broker";
      if (what.kind == verdict_kind::other_outcome)
        out += std::string(name_of(what.from)) + "->" + std::string(name_of(what.to));
      for (const auto name : what.names) out += " " + judge.counts().name(name);
      out += "; ";
    });
    return out;
  }

  lane judge;
};

}  // namespace

TEST_CASE("the same rules give the same outcomes, of every kind") {
  const auto same = settings_with();
  fixture f(same);
  f.pass(same, 0, login);
  f.pass(same, 1, R"({"user_id":"u"})");
  f.pass(same, 2, "no JSON");
  std::string filtered_event(login);
  filtered_event.replace(filtered_event.find("3.0"), 3, "9.9");
  f.pass(same, 3, filtered_event);
  CHECK(f.found() == "1 same; 1 same; 1 same; 1 same; ");
}

TEST_CASE("rules that take more give other outcomes") {
  fixture f(settings_with({"3.0", "9.9"}));
  std::string filtered_event(login);
  filtered_event.replace(filtered_event.find("3.0"), 3, "9.9");
  f.pass(settings_with(), 3, filtered_event);
  CHECK(f.found() == "1 filtered->processed; ");
}

TEST_CASE("another method gives other bytes at its path") {
  auto now = settings_with();
  for (auto& field : now.event.fields)
    if (field.path == "ip") field.method.method = core::field_method::truncate_ip;
  fixture f(now);
  f.pass(settings_with(), 0, login);
  CHECK(f.found() == "1  ip; ");
}

TEST_CASE("with another key what depends on it is one difference, and all else is compared") {
  auto now = settings_with();
  for (auto& field : now.event.fields)
    if (field.path == "ip") field.method.digits = 32;
  fixture f(now);
  f.pass(settings_with(), 0, login, {{core::key_id_header, "2024"}});
  CHECK(f.found() == "1  header:turnstile-key; ");
  for (auto& field : now.event.fields)
    if (field.path == "locale") field.method.method = core::field_method::drop;
  fixture g(now);
  g.pass(settings_with(), 0, login, {{core::key_id_header, "2024"}});
  CHECK(g.found() == "1  locale header:turnstile-key; ");
}

TEST_CASE("with the same key all is compared, and where an output says none of its key too") {
  auto now = settings_with();
  for (auto& field : now.event.fields)
    if (field.path == "ip") field.method.digits = 32;
  fixture f(now, "2024");
  f.pass(settings_with(), 0, login, {{core::key_id_header, "2024"}});
  f.pass(settings_with(), 1, login);
  CHECK(f.found() == "2  ip; ");
}

TEST_CASE("what a broker refused is not compared") {
  const auto same = settings_with();
  fixture f(same);
  parcel read;
  read.partition = 0;
  const std::array<core::header_view, 1> headers{{{core::reason_header, "delivery_failed"}}};
  read.add_output(0, audit::fate::error, {.value = "{}", .headers = headers});
  read.add_input({.offset = 0, .value = login});
  f.judge.take(read);
  CHECK(f.found() == "1 by a broker; ");
}

TEST_CASE("of inputs before what is known of the outputs nothing is said") {
  fixture f(settings_with());
  parcel read;
  read.partition = 0;
  read.add_input({.offset = 4, .value = login});
  read.add_input({.offset = 5, .value = login});
  f.judge.take(read);
  CHECK(f.judge.finish_pass({5}).empty());
  int unknown = 0;
  int without = 0;
  f.judge.counts().for_each([&](const verdict& what, const tally::entry&) {
    unknown += what.kind == verdict_kind::unknown ? 1 : 0;
    without += what.kind == verdict_kind::no_outcome ? 1 : 0;
  });
  CHECK(unknown == 1);
  CHECK(without == 1);
}

}  // namespace turnstile::shadow
