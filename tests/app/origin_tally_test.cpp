#include "app/demo/origin_tally.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "config/options.hpp"

namespace turnstile::app {
namespace {

struct tally_fixture {
  core::settings settings = core::default_settings();
  origin_tally tally{settings};

  void input(std::int32_t partition, std::int64_t offset) {
    kafka_io::topic_record record{.topic = settings.topics.input, .partition = partition};
    record.record.offset = offset;
    record.record.value = "in";
    tally.add(record);
  }

  void output(const std::string& topic, std::string_view origin, std::string_view reason = {}) {
    std::vector<core::header_view> headers{{"turnstile-origin", origin}};
    if (!reason.empty()) headers.push_back({"turnstile-reason", reason});
    kafka_io::topic_record record{.topic = topic, .partition = 1};
    record.record.value = "out";
    record.record.headers = headers;
    tally.add(record);
  }
};

TEST_CASE_FIXTURE(tally_fixture, "every input with one output in any topic holds") {
  for (int offset = 0; offset < 3; ++offset) input(0, offset);
  output(settings.topics.processed, "user-login/0/0");
  output(settings.topics.errors, "user-login/0/1", "tombstone");
  output(settings.topics.cleaned, "user-login/0/2");
  CHECK(tally.verdict().holds());
  CHECK(tally.inputs() == 3);
  CHECK(tally.ended() == 3);
  CHECK(tally.outputs(core::output_topic::errors) == 1);
  CHECK(tally.errors_by_reason().at("tombstone") == 1);
}

TEST_CASE_FIXTURE(tally_fixture, "an output may be seen before its input") {
  output(settings.topics.processed, "user-login/2/5");
  CHECK(tally.ended() == 0);
  input(2, 5);
  CHECK(tally.ended() == 1);
  CHECK(tally.verdict().holds());
}

TEST_CASE_FIXTURE(tally_fixture, "a lost input is found") {
  input(0, 0);
  input(0, 1);
  output(settings.topics.processed, "user-login/0/0");
  CHECK(tally.verdict().missing == 1);
}

TEST_CASE_FIXTURE(tally_fixture, "a repeated output is found, in another topic too") {
  input(0, 0);
  output(settings.topics.processed, "user-login/0/0");
  output(settings.topics.cleaned, "user-login/0/0");
  CHECK(tally.verdict().repeated == 1);
  CHECK_FALSE(tally.verdict().holds());
}

TEST_CASE_FIXTURE(tally_fixture, "an output of no input is found") {
  input(0, 0);
  output(settings.topics.processed, "user-login/0/0");
  output(settings.topics.processed, "user-login/0/9");
  output(settings.topics.processed, "other/0/0");
  output(settings.topics.processed, "nonsense");
  CHECK(tally.verdict().foreign == 3);
}

TEST_CASE_FIXTURE(tally_fixture, "an example puts an input beside its output") {
  input(0, 0);
  input(0, 1);
  output(settings.topics.errors, "user-login/0/0", "tombstone");
  output(settings.topics.errors, "user-login/0/1", "missing_fields");
  const auto any = tally.example(core::output_topic::errors);
  const auto wanted = tally.example(core::output_topic::errors, "missing_fields");
  REQUIRE(any);
  REQUIRE(wanted);
  CHECK(any->origin == "user-login/0/0");
  CHECK(wanted->origin == "user-login/0/1");
  CHECK(wanted->input == "in");
  CHECK(wanted->place == "processed-errors/1/0");
  CHECK_FALSE(tally.example(core::output_topic::cleaned));
}

TEST_CASE_FIXTURE(tally_fixture, "a summary is kept and ends no input") {
  output(settings.topics.summary, "");
  CHECK(tally.last_summary() == "out");
  CHECK(tally.verdict().holds());
}

}  // namespace
}  // namespace turnstile::app
