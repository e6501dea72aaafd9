#include "app/worker/start_line.hpp"

#include <doctest/doctest.h>

#include "config/options.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;

namespace {

core::settings settings() {
  auto s = core::default_settings();
  s.kafka.brokers = {"kafka1:9092", "kafka2:9092"};
  s.kafka.group = "logins";
  return s;
}

}  // namespace

TEST_CASE("the first line says which build runs, with what, and for whom") {
  tests::log_capture log;
  app::log_start(settings(), {"host-1f2e3d4c", "worker.toml", "2025", "0a1b2c3d", 4, 2});
  REQUIRE(log.lines.size() == 1);
  CHECK(log.with({"worker starts worker=host-1f2e3d4c version=" TURNSTILE_VERSION " commit=",
                  " librdkafka=", " brokers=kafka1:9092,kafka2:9092 group=logins input=user-login ",
                  " outputs=processed-output,processed-errors,cleaned-data,summary-output ",
                  " guarantee=at-least-once key=0a1b2c3d key_id=2025 transformers=4 producers=2 ",
                  " config=worker.toml "})
            .size() == 1);
}

TEST_CASE("only what is not at its default is named, and no secret") {
  auto s = settings();
  CHECK(app::differing_options(s).find("commit.interval_ms") == std::string::npos);
  s.commit.interval_ms = 77;
  s.kafka.common["sasl.password"] = "geheim";
  s.kafka.consumer["fetch.min.bytes"] = "1";
  const auto text = app::differing_options(s);
  CHECK(text.find("commit.interval_ms=77") != std::string::npos);
  CHECK(text.find("kafka.sasl.password=(hidden)") != std::string::npos);
  CHECK(text.find("kafka.consumer.fetch.min.bytes=\"1\"") != std::string::npos);
  CHECK(text.find("geheim") == std::string::npos);
}

TEST_CASE("options that are longer than a line are cut") {
  auto s = settings();
  s.event.count_by.assign(10'000, "a");
  CHECK(app::differing_options(s).size() < 4200);
}
