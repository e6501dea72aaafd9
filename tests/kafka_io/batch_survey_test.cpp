#include "kafka_io/worker/batch_survey.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "batch_fixture.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::batch_fixture;
using testing::patience;

constexpr std::int64_t readable = 5;
constexpr std::int64_t first_damaged = 7;
constexpr std::int64_t second_damaged = 300;

/// Four batches, of which the second and the third unpack to more than may be received.
struct survey_fixture : batch_fixture {
  survey_fixture() {
    const std::string bomb(3'000'000, 'x');
    send_batch("zstd", readable, "v");
    send_batch("zstd", first_damaged, bomb);
    send_batch("zstd", second_damaged, bomb);
    send_batch("zstd", readable, "v");
    settings.kafka.common["receive.message.max.bytes"] = "1000000";
    settings.kafka.common["fetch.max.bytes"] = "500000";
    settings.kafka.common["message.max.bytes"] = "500000";
  }
};

TEST_CASE_FIXTURE(survey_fixture, "a batch that cannot be read ends where the next one begins") {
  constexpr std::int64_t first = readable;
  constexpr std::int64_t second = first + first_damaged;
  constexpr std::int64_t behind = second + second_damaged;
  CHECK(survey(first) == range{{first, second}});
  CHECK(survey(first + 3) == range{{first + 3, second}});
  CHECK(survey(second - 1) == range{{second - 1, second}});
  CHECK(survey(second) == range{{second, behind}});
  CHECK(survey(0) == range{});
  CHECK(survey(behind) == range{});
}

TEST_CASE_FIXTURE(survey_fixture, "a reader tells what it cannot read, and reads on behind it") {
  auto reader = range_reader::open(settings, isolation::read_committed);
  REQUIRE(reader);
  constexpr std::int64_t end = 2 * readable + first_damaged + second_damaged;
  std::vector<std::int64_t> read;
  std::vector<std::pair<std::int64_t, std::int64_t>> unreadable;
  const auto reached = reader->read(
      {{topic, 0, 1, end}},
      {.record = [&](std::size_t, const auto& record) { read.push_back(record.offset); },
       .unreadable = [&](std::size_t, auto from, auto to) { unreadable.emplace_back(from, to); }},
      patience);
  REQUIRE(reached);
  CHECK(*reached == std::vector{end});
  CHECK(read.size() == 2 * readable - 1);
  CHECK(unreadable ==
        std::vector<std::pair<std::int64_t, std::int64_t>>{
            {readable, readable + first_damaged}, {readable + first_damaged, end - readable}});
}

}  // namespace
}  // namespace turnstile::kafka_io
