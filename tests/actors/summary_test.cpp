#include "actors/summary.hpp"

#include <numeric>

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

struct fixture : actor_fixture {
  probe<transformed_batch, repaired_records, wake, close_lane, retry_tick, layout_described>
      producer = spawn_probe<transformed_batch, repaired_records, wake, close_lane, retry_tick,
                             layout_described>();
  probe<summary_published> worker = spawn_probe<summary_published>();
  std::shared_ptr<core::summary_figures> figures = std::make_shared<core::summary_figures>();
  summary_actor summary;
  std::size_t record_bytes_max = 1'000'000;
  std::shared_ptr<const core::topic_layout> layout;
  std::string worker_id = "w1";

  void start(std::int64_t every) {
    auto of = std::make_shared<core::topic_layout>(*layout_of(4));
    of->record_bytes_max.fill(record_bytes_max);
    layout = std::move(of);
    summary = spawn(actors::summary, actors::summary_args{worker_id,
                                                          "user-login",
                                                          every,
                                                          100,
                                                          {"device_type_counts", "locale_counts"},
                                                          producer.actor(),
                                                          worker.actor(),
                                                          layout,
                                                          figures,
                                                          [] { return std::int64_t{1729894460}; }});
    run();
  }
  void finish(core::batch_ptr batch) {
    batch->layout = layout;
    send(summary, finished_batch{std::move(batch)});
  }
  std::vector<std::string> published() {
    std::vector<std::string> values;
    for (const auto& sent : producer.got<transformed_batch>())
      values.emplace_back(sent.batch->outputs.at(0).value);
    return values;
  }
  void acknowledge(std::size_t index) {
    const auto& sent = producer.got<transformed_batch>().at(index);
    send(sent.owner, batch_done{sent.batch});
  }
  static bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a summary is published at each exact multiple, also inside a batch") {
  start(100);
  finish(batch_of({0, 1}, 0, 0, 99));
  CHECK(published().empty());
  finish(batch_of({0, 1}, 1, 99, 202));
  const auto all = published();
  REQUIRE(all.size() == 3);
  CHECK(contains(all[0], "\"processed_count\":100,"));
  CHECK(contains(all[1], "\"processed_count\":200,"));
  CHECK(contains(all[2], "\"processed_count\":300,"));
  CHECK(contains(all[0], "\"0\":[[0,100]]"));
  CHECK(contains(all[1], "\"0\":[[100,200]]"));
  CHECK(contains(all[2], "\"sequence\":3,"));
}

TEST_CASE_FIXTURE(fixture, "what was filtered or failed is covered but does not make it due") {
  start(10);
  auto batch = batch_of({0, 1}, 0, 0, 12);
  redirect(*batch, 3, core::output_topic::errors);
  redirect(*batch, 4, core::output_topic::cleaned);
  finish(batch);
  REQUIRE(published().size() == 1);
  CHECK(contains(published()[0],
                 "\"processed_count\":10,\"filtered_record_count\":1,"
                 "\"error_count\":1,\"received_count\":12"));
  CHECK(contains(published()[0], "\"0\":[[0,12]]"));
  CHECK(figures->received.get() == 12);
  CHECK(figures->failed.get() == 1);
}

TEST_CASE_FIXTURE(fixture, "a summary covers the offsets that the log skipped before a batch") {
  start(5);
  auto batch = batch_of({2, 1}, 0, 40, 5);
  batch->first_offset = 30;
  finish(batch);
  REQUIRE(published().size() == 1);
  CHECK(contains(published()[0], "\"2\":[[30,45]]"));
}

TEST_CASE_FIXTURE(fixture, "summary records are numbered in sequence and carry the worker as key") {
  start(5);
  finish(batch_of({0, 1}, 0, 0, 10));
  const auto& sent = producer.got<transformed_batch>();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].batch->seq == 0);
  CHECK(sent[1].batch->seq == 1);
  CHECK(sent[0].batch->source.is_summary());
  CHECK(sent[0].batch->outputs[0].key == "w1");
  CHECK(sent[0].batch->outputs[0].topic == core::output_topic::summary);
}

TEST_CASE_FIXTURE(fixture, "counting goes on while summaries wait for their acknowledgement") {
  start(5);
  finish(batch_of({0, 1}, 0, 0, 5));
  finish(batch_of({0, 1}, 1, 5, 5));
  CHECK(published().size() == 2);
  CHECK(figures->published.get() == 0);
  acknowledge(0);
  CHECK(figures->published.get() == 1);
  CHECK(figures->last_sequence.get() == 1);
}

TEST_CASE_FIXTURE(fixture, "a thousand summaries may wait, then multiples are left out") {
  start(1);
  finish(batch_of({0, 1}, 0, 0, 1003));
  REQUIRE(published().size() == 1000);
  acknowledge(0);
  finish(batch_of({0, 1}, 1, 1003, 2));
  REQUIRE(published().size() == 1001);
  CHECK(contains(published().back(), "\"sequence\":1001,\"multiples\":4,"));
  CHECK(contains(published().back(), "\"0\":[[1000,1004]]"));
}

TEST_CASE_FIXTURE(fixture, "no more waits than 4 MiB of summaries, then multiples are left out") {
  worker_id.assign(100'000, 'w');
  start(1);
  finish(batch_of({0, 1}, 0, 0, 60));
  CHECK(published().size() == 42);
}

TEST_CASE_FIXTURE(fixture,
                  "a summary larger than its topic takes is left out and holds up nothing") {
  log_capture log;
  record_bytes_max = 300;
  start(5);
  finish(batch_of({0, 1}, 0, 0, 5));
  send(summary, publish_last{});
  CHECK(published().empty());
  CHECK(worker.count<summary_published>() == 1);
  CHECK(log.with({"summary left out", "max.message.bytes=300"}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the last summary is said to be published once all are acknowledged") {
  start(5);
  finish(batch_of({0, 1}, 0, 0, 7));
  send(summary, publish_last{});
  REQUIRE(published().size() == 2);
  CHECK(contains(published()[1], "\"processed_count\":7,"));
  CHECK(contains(published()[1], "\"window\":{\"processed_count\":2,"));
  acknowledge(0);
  CHECK(worker.count<summary_published>() == 0);
  acknowledge(1);
  CHECK(worker.count<summary_published>() == 1);
}

TEST_CASE_FIXTURE(fixture, "how old inputs were when their outputs were acknowledged is counted") {
  start(100);
  const auto batch = batch_of({0, 1}, 0, 0, 5);
  const std::int64_t now_ms = core::wall_clock_ms();
  for (auto& output : batch->outputs) output.timestamp_ms = now_ms - 3000;
  batch->outputs[1].timestamp_ms = -1;  // It has none.
  batch->outputs[2].timestamp_ms = now_ms + 60'000;
  finish(batch);
  const auto counts = figures->end_to_end.read();
  CHECK(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == 4);
  CHECK(core::latency_figure::quantile(counts, 0.5) >= 3'000'000);
  CHECK(counts.front() == 1);
  CHECK(figures->end_to_end.sum_us() >= 9'000'000);
  CHECK(figures->end_to_end.sum_us() < 60'000'000);
}
