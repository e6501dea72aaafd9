#include "kafka_io/batch_survey.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/client_config.hpp"
#include "kafka_io/range_reader.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;

constexpr std::int64_t readable = 5;
constexpr std::int64_t first_damaged = 7;
constexpr std::int64_t second_damaged = 300;

/// Four batches, of which the second and the third unpack to more than may be received.
struct survey_fixture : broker_fixture {
  const std::string topic = "a";

  survey_fixture() {
    create(topic, 1);
    const std::string bomb(3'000'000, 'x');
    send_batch(readable, "v");
    send_batch(first_damaged, bomb);
    send_batch(second_damaged, bomb);
    send_batch(readable, "v");
    settings.kafka.common["receive.message.max.bytes"] = "1000000";
    settings.kafka.common["fetch.max.bytes"] = "500000";
    settings.kafka.common["message.max.bytes"] = "500000";
  }

  /// One batch, whose last value is `last`.
  void send_batch(std::int64_t records, const std::string& last) const {
    auto conf = plain_config(settings);
    REQUIRE(conf);
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"compression.codec", "zstd"},
                                                          {"message.max.bytes", "10000000"},
                                                          {"batch.size", "10000000"},
                                                          {"linger.ms", "500"}})
      REQUIRE_FALSE(set_property(conf->get(), name, value));
    const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
    REQUIRE(client);
    const topic_ptr to{rd_kafka_topic_new(client->get(), topic.c_str(), nullptr)};
    for (std::int64_t n = 1; n <= records; ++n) {
      std::string value = n == records ? last : "v";
      REQUIRE(rd_kafka_produce(to.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                               nullptr, 0, nullptr) == 0);
    }
    REQUIRE(rd_kafka_flush(client->get(), static_cast<int>(patience.count())) ==
            RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  std::optional<std::pair<std::int64_t, std::int64_t>> survey(std::int64_t offset) const {
    auto conf = plain_config(settings);
    REQUIRE(conf);
    REQUIRE_FALSE(set_property(conf->get(), "enable.partition.eof", "true"));
    REQUIRE_FALSE(set_property(conf->get(), "auto.offset.reset", "earliest"));
    REQUIRE_FALSE(set_property(conf->get(), "fetch.error.backoff.ms", "10"));
    const auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
    REQUIRE(client);
    const auto found = find_unreadable(*client, topic, 0, offset, [] { return false; });
    if (!found) return {};
    return std::pair{found->first, found->next};
  }
};

using range = std::optional<std::pair<std::int64_t, std::int64_t>>;

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
