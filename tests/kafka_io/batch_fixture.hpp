// Batches of chosen size and codec on the embedded broker, and what a survey says of them.
//
// Owned by one test, on its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/worker/batch_survey.hpp"

namespace turnstile::kafka_io::testing {

struct batch_fixture : broker_fixture {
  const std::string topic = "a";

  batch_fixture() { create(topic, 1); }

  /// One batch, whose last value is `last`.
  void send_batch(const std::string& codec, std::int64_t records, std::string last) const {
    auto conf = plain_config(settings);
    REQUIRE(conf);
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"compression.codec", codec},
                                                          {"message.max.bytes", "100000000"},
                                                          {"batch.size", "100000000"},
                                                          {"linger.ms", "5000"}})
      REQUIRE_FALSE(set_property(conf->get(), name, value));
    const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
    REQUIRE(client);
    const topic_ptr to{rd_kafka_topic_new(client->get(), topic.c_str(), nullptr)};
    // Records of a partition whose leader is not known yet may become two batches.
    const rd_kafka_metadata_t* known = nullptr;
    REQUIRE(rd_kafka_metadata(client->get(), 0, to.get(), &known,
                              static_cast<int>(patience.count())) == RD_KAFKA_RESP_ERR_NO_ERROR);
    const metadata_ptr owned{known};
    std::string other = "v";
    for (std::int64_t n = 1; n <= records; ++n) {
      std::string& value = n == records ? last : other;
      REQUIRE(rd_kafka_produce(to.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                               nullptr, 0, nullptr) == 0);
    }
    REQUIRE(rd_kafka_flush(client->get(), static_cast<int>(patience.count())) ==
            RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  using range = std::optional<std::pair<std::int64_t, std::int64_t>>;
  [[nodiscard]] range survey(std::int64_t offset) const {
    auto conf = plain_config(settings);
    REQUIRE(conf);
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"enable.partition.eof", "true"},
                                                          {"auto.offset.reset", "earliest"},
                                                          {"fetch.error.backoff.ms", "10"}})
      REQUIRE_FALSE(set_property(conf->get(), name, value));
    const auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
    REQUIRE(client);
    const auto found = find_unreadable(*client, topic, 0, offset, [] { return false; });
    if (!found) return {};
    return std::pair{found->first, found->next};
  }
};

}  // namespace turnstile::kafka_io::testing
