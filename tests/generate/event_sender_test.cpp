#include "generate/event_sender.hpp"

#include <chrono>
#include <numeric>

#include <doctest/doctest.h>

#include "config/options.hpp"
#include "kafka_io/tools/embedded_broker.hpp"

namespace turnstile::generate {
namespace {

struct sender_fixture {
  kafka_io::result<kafka_io::embedded_broker> broker = kafka_io::embedded_broker::start();
  core::settings settings = core::default_settings();

  sender_fixture() {
    REQUIRE(broker);
    kafka_io::tune_for_embedded(settings, *broker);
    REQUIRE_FALSE(broker->create_topic(settings.topics.input, 4));
  }

  event_sender sender(double rate) const {
    auto writer = kafka_io::topic_writer::open(settings, settings.topics.input);
    REQUIRE(writer);
    return {std::move(*writer), makes(event_factory{parse_mix("mixed").mix, 1, 4096}), rate};
  }
};

std::uint64_t total(const by_kind<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST_CASE_FIXTURE(sender_fixture, "counts by kind what the broker has acknowledged") {
  auto to = sender(0);
  std::uint64_t last = 0;
  to.run(5000, {.stopped = [] { return false; }, .delivered = [&](std::uint64_t n) { last = n; }});
  by_kind<std::uint64_t> made{};
  event_factory same{parse_mix("mixed").mix, 1, 4096};
  for (int i = 0; i < 5000; ++i) ++made[static_cast<std::size_t>(same.next().kind)];
  CHECK(to.delivered() == made);
  CHECK(last == 5000);
  CHECK_FALSE(to.failure());
}

TEST_CASE_FIXTURE(sender_fixture, "a rate is kept over the whole run") {
  auto to = sender(2000);
  const auto begin = std::chrono::steady_clock::now();
  to.run(1000, {.stopped = [] { return false; }, .delivered = [](std::uint64_t) {}});
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  CHECK(passed.count() >= 0.499);
  CHECK(total(to.delivered()) == 1000);
}

TEST_CASE_FIXTURE(sender_fixture, "a stop ends early with what was delivered so far") {
  auto to = sender(0);
  int asked = 0;
  to.run(1'000'000'000,
         {.stopped = [&] { return ++asked > 5; }, .delivered = [](std::uint64_t) {}});
  CHECK(total(to.delivered()) > 0);
  CHECK(total(to.delivered()) < 10'000);
  CHECK_FALSE(to.failure());
}

TEST_CASE_FIXTURE(sender_fixture, "what no broker takes is a failure with its reason") {
  settings.kafka.brokers = {"127.0.0.1:1"};
  settings.producer.message_timeout_ms = 1000;
  auto to = sender(0);
  to.run(10, {.stopped = [] { return false; }, .delivered = [](std::uint64_t) {}});
  CHECK(total(to.delivered()) == 0);
  REQUIRE(to.failure());
  CHECK(to.failure()->find("10 events were not acknowledged: ") == 0);
}

}  // namespace
}  // namespace turnstile::generate
