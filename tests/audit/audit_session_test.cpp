#include "audit/run/audit_session.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "config/options.hpp"
#include "kafka_io/tools/embedded_broker.hpp"
#include "kafka_io/tools/topic_writer.hpp"

namespace turnstile::audit {
namespace {

using audit::fate;
using audit::fault;
using audit::offset_range;
using headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::chrono::milliseconds patience{10'000};
constexpr std::int64_t inputs_each = 20;

struct planned_output {
  fate where = fate::processed;
  std::int32_t partition = 0;
  headers carried;
  std::string value = "{}";
};

/// One for all tests here: a mock cluster takes a second to end.
kafka_io::embedded_broker& broker() {
  static auto started = kafka_io::embedded_broker::start();
  REQUIRE(started);
  return *started;
}

planned_output output_of(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  const std::string origin = topic + "/" + std::to_string(partition) + "/" + std::to_string(offset);
  planned_output made{.partition = partition, .carried = {{"turnstile-origin", origin}}};
  if (offset % 5 == 0) made.where = fate::cleaned;
  if (offset % 4 == 1) {
    made.where = fate::error;
    made.carried.emplace_back("turnstile-reason", "missing_fields");
  }
  return made;
}

/// Two input partitions of twenty records and what became of them, on an embedded broker. Topics
/// come into being with four partitions when they are asked for, which is faster than to create
/// them.
struct session_fixture {
  core::settings settings = core::default_settings();
  std::vector<planned_output> outputs;
  audit_args args;

  session_fixture() {
    kafka_io::tune_for_embedded(settings, broker());
    settings.kafka.common["allow.auto.create.topics"] = "true";
    auto& topics = settings.topics;
    static int number = 0;
    const std::string prefix = std::to_string(++number) + ".";
    for (auto* name :
         {&topics.input, &topics.processed, &topics.errors, &topics.cleaned, &topics.summary}) {
      name->insert(0, prefix);
    }
    for (std::int32_t p = 0; p < 2; ++p) {
      for (std::int64_t n = 0; n < inputs_each; ++n) {
        const std::string last = std::to_string(n) + "\"";
        send(topics.input, p, {},
             R"({"ip":"70.201.62.)" + last + R"(,"net":["203.0.113.)" + last + "]}");
        outputs.push_back(output_of(topics.input, p, n));
      }
    }
  }

  void send(const std::string& topic, std::int32_t partition, const headers& carried,
            const std::string& value, const std::string& key = "k") {
    auto& to = writers.try_emplace(topic, nullptr).first->second;
    if (!to) {
      auto opened = kafka_io::topic_writer::open(settings, topic);
      REQUIRE(opened);
      to = std::make_unique<kafka_io::topic_writer>(std::move(*opened));
    }
    std::vector<core::header_view> views;
    for (const auto& [name, text] : carried) views.push_back({name, text});
    REQUIRE(to->send({.key = key, .value = value, .headers = views, .partition = partition}));
  }

  void flush() {
    for (const auto& [topic, to] : writers) {
      REQUIRE(to->flush(patience));
      REQUIRE(to->failed() == 0);
    }
  }

  void write(const planned_output& output) {
    const auto& topics = settings.topics;
    const auto& topic = output.where == fate::processed ? topics.processed
                        : output.where == fate::error   ? topics.errors
                                                        : topics.cleaned;
    send(topic, output.partition, output.carried, output.value);
  }

  std::unique_ptr<audit_session> open_session() const {
    auto session = audit_session::open(args, settings);
    REQUIRE(session);
    return std::move(*session);
  }

  static void round(audit_session& session, std::int64_t now_ms) {
    const auto error = session.round(now_ms, {});
    const std::string text = error ? error->text : "";
    REQUIRE(text.empty());
  }

  audit::audit_report audited() {
    for (const auto& output : outputs) write(output);
    flush();
    const auto session = open_session();
    round(*session, 0);
    return session->report();
  }

  /// An output of partition 1 that is processed.
  planned_output& processed() { return outputs[inputs_each + 3]; }

private:
  std::map<std::string, std::unique_ptr<kafka_io::topic_writer>> writers;
};

struct plant {
  std::string name;
  fault kind;
  std::function<void(session_fixture&)> put;
};

auto origin(const std::string& text) {
  return [text](session_fixture& f) {
    f.processed().carried = {{"turnstile-origin", f.settings.topics.input + text}};
  };
}

const std::vector<plant> plants{
    {"a lost output", fault::missing,
     [](session_fixture& f) { f.outputs.erase(f.outputs.begin() + 3); }},
    {"a repeated output", fault::repeated,
     [](session_fixture& f) { f.outputs.push_back(f.processed()); }},
    {"an output in another topic too", fault::two_fates,
     [](session_fixture& f) {
       auto other = f.processed();
       other.where = fate::cleaned;
       f.outputs.push_back(other);
     }},
    {"swapped outputs", fault::order,
     [](session_fixture& f) { std::swap(f.outputs[2], f.outputs[3]); }},
    {"an output in another partition", fault::wrong_partition,
     [](session_fixture& f) { f.processed().partition = 0; }},
    {"no origin", fault::no_origin, [](session_fixture& f) { f.processed().carried.clear(); }},
    {"two origins", fault::no_origin,
     [](session_fixture& f) { f.processed().carried.push_back(f.processed().carried.front()); }},
    {"a malformed origin", fault::no_origin, origin("/1")},
    {"an origin of another topic", fault::foreign, origin("s/1/3")},
    {"an origin beyond the end", fault::foreign, origin("/1/20")},
    {"an origin in no partition", fault::foreign, origin("/7/3")},
    {"an error without reason", fault::no_reason,
     [](session_fixture& f) { f.outputs[1].carried.pop_back(); }},
    {"an error with a reason of its own", fault::unknown_reason,
     [](session_fixture& f) { f.outputs[1].carried.back().second = "because"; }},
    {"a raw address", fault::raw_value,
     [](session_fixture& f) {
       f.args.values = true;
       f.processed().value = R"({"ip":"70.201.62.3"})";
     }},
    {"an address of an unknown field in an error record", fault::raw_value,
     [](session_fixture& f) {
       f.args.values = true;
       f.processed().value = R"({"net":["203.0.113.3"]})";  // It may stand there.
       f.outputs[1].value = R"({"message_content":{"net":["203.0.113.1"]}})";
     }},
    {"a summary that is none", fault::summary_total,
     [](session_fixture& f) { f.send(f.settings.topics.summary, 0, {}, "{}"); }},
};

}  // namespace

TEST_CASE_FIXTURE(session_fixture, "each input ended exactly once") {
  args.values = true;
  const auto report = audited();
  CHECK(report.verdict() == audit::verdict::exactly_once);
  CHECK(report.counts.inputs() == 2 * inputs_each);
  CHECK(report.counts.of(fate::error) == 10);
  CHECK(report.values_compared == 2 * inputs_each);
}

TEST_CASE("finds in topics what was planted there") {
  for (const auto& planted : plants) {
    CAPTURE(planted.name);
    session_fixture fixture;
    planted.put(fixture);
    const auto report = fixture.audited();
    CHECK(report.faults.count(planted.kind) > 0);
    CHECK(report.verdict() == audit::verdict::faults);
  }
}

TEST_CASE_FIXTURE(session_fixture, "only the offsets that were asked for are judged") {
  outputs.erase(outputs.begin() + 3);
  args.offsets = {{0, 4, 10}};
  const auto report = audited();
  CHECK(report.verdict() == audit::verdict::exactly_once);
  CHECK(report.counts.inputs() == 6);
}

TEST_CASE_FIXTURE(session_fixture, "a partition that is not there is an error") {
  args.offsets = {{4, 0, 5}};
  const auto session = audit_session::open(args, settings);
  REQUIRE_FALSE(session);
  CHECK(session.error().text == settings.topics.input + " has no partition 4");
}

TEST_CASE_FIXTURE(session_fixture, "a stop ends the reading, and nothing is claimed") {
  flush();
  const auto session = open_session();
  write(outputs.front());
  flush();
  REQUIRE_FALSE(session->round(0, {.stopped = [] { return true; }}));
  CHECK(session->report().verdict() == audit::verdict::not_known);
}

TEST_CASE_FIXTURE(session_fixture,
                  "a moving audit waits as long as the bound says, then says missing, then late") {
  args.follow = true;
  const auto late = outputs[7];
  outputs.erase(outputs.begin() + 7);
  for (const auto& output : outputs) write(output);
  flush();
  const auto session = open_session();
  round(*session, 1'000);
  CHECK(session->report().verdict() == audit::verdict::exactly_once);
  CHECK(session->report().counts.open == 1);
  round(*session, 60'999);
  CHECK(session->report().counts.open == 1);
  round(*session, 61'000);
  auto report = session->report();
  CHECK(report.verdict() == audit::verdict::faults);
  CHECK(report.partitions[0].missing.ranges == std::vector<offset_range>{{7, 8}});
  write(late);
  flush();
  round(*session, 62'000);
  report = session->report();
  CHECK(report.counts.missing == 0);
  CHECK(report.faults.count(fault::missing) == 1);
}

TEST_CASE_FIXTURE(session_fixture, "a moving audit goes on where its state was saved") {
  args.follow = true;
  for (std::size_t n = 0; n < 25; ++n) write(outputs[n]);
  flush();
  auto first = open_session();
  round(*first, 1'000);
  const auto state = first->save();
  first.reset();
  for (std::size_t n = 24; n < outputs.size(); ++n) write(outputs[n]);
  flush();
  const auto second = open_session();
  REQUIRE_FALSE(second->restore(state));
  round(*second, 2'000);
  const auto report = second->report();
  CHECK(report.counts.inputs() == 2 * inputs_each);
  CHECK(report.counts.open == 0);
  CHECK(report.repeats == 1);
  CHECK(report.partitions[1].repeated.ranges == std::vector<offset_range>{{4, 5}});
}

TEST_CASE_FIXTURE(session_fixture, "a state of other numbers of partitions is refused") {
  flush();
  CHECK(open_session()->restore(R"({"starts":[0]})").has_value());
  CHECK(open_session()->restore("").has_value());
}

}  // namespace turnstile::audit
