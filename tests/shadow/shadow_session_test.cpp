#include "app/shadow/shadow_session.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "config/options.hpp"
#include "event/methods/method_keys.hpp"
#include "kafka_io/tools/embedded_broker.hpp"
#include "kafka_io/tools/topic_writer.hpp"

namespace turnstile::shadow {
namespace {

constexpr std::chrono::milliseconds patience{10'000};
constexpr std::int32_t partitions = 2;
constexpr int inputs_each = 5;

/// Inputs that nobody has processed yet.
struct session_fixture {
  kafka_io::embedded_broker broker = started();
  core::settings settings = core::default_settings();

  session_fixture() {
    kafka_io::tune_for_embedded(settings, broker);
    for (const auto& topic : topics()) REQUIRE_FALSE(broker.create_topic(topic, partitions));
    auto writer = kafka_io::topic_writer::open(settings, settings.topics.input);
    REQUIRE(writer);
    for (std::int32_t p = 0; p < partitions; ++p)
      for (int i = 0; i < inputs_each; ++i) REQUIRE(writer->send({.value = "{}", .partition = p}));
    REQUIRE(writer->flush(patience));
  }

  [[nodiscard]] std::array<std::string, 5> topics() const {
    const auto& of = settings.topics;
    return {of.input, of.processed, of.errors, of.cleaned, of.summary};
  }

  /// The end of each partition of all topics.
  [[nodiscard]] std::vector<std::int64_t> ends() const {
    auto reader = kafka_io::range_reader::open(settings, kafka_io::isolation::read_uncommitted);
    REQUIRE(reader);
    std::vector<std::int64_t> found;
    for (const auto& topic : topics()) {
      for (std::int32_t p = 0; p < partitions; ++p) {
        const auto marks = reader->brokers().read_watermarks(topic, p, patience);
        REQUIRE(marks);
        found.push_back(marks->high);
      }
    }
    return found;
  }

private:
  static kafka_io::embedded_broker started() {
    auto broker = kafka_io::embedded_broker::start();
    REQUIRE(broker);
    return std::move(*broker);
  }
};

TEST_CASE_FIXTURE(session_fixture, "a shadow writes nothing: every topic ends where it did") {
  const auto before = ends();
  const auto plan = std::make_shared<const event::plan>(settings.event, event::method_keys{});
  auto opened = shadow_session::open({}, settings, plan);
  REQUIRE(opened);
  CHECK_FALSE((*opened)->run({.progress = [](auto&&...) {}, .stopped = [] { return false; }}));
  CHECK((*opened)->report().no_outcome == partitions * inputs_each);
  CHECK(ends() == before);
}

}  // namespace
}  // namespace turnstile::shadow
