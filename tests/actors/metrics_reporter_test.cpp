#include "actors/metrics_reporter.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

struct fixture : actor_fixture {
  log_capture log;
  std::shared_ptr<figures::registry> figures = std::make_shared<figures::registry>(1, 1);
  std::int64_t now_ms = 1'000'000;
  core::process_stats process{0, 3 * 1024 * 1024};
  metrics_reporter_actor reporter;

  fixture() {
    reporter =
        spawn(actors::metrics_reporter,
              actors::metrics_reporter_args{figures, milliseconds{10'000},
                                            [this] { return now_ms; }, [this] { return process; }});
    run();
  }
  std::shared_ptr<core::partition_figures> open(std::int32_t partition) {
    auto opened = std::make_shared<core::partition_figures>(core::partition_epoch{partition, 1});
    send(reporter, partition_opened{opened});
    return opened;
  }
  /// The one line that holds all of `parts`, of a fresh report after ten seconds.
  std::string line(std::initializer_list<std::string_view> parts) {
    return line_after(milliseconds{10'000}, parts);
  }
  /// Of the report that comes in three seconds.
  std::string last_line(std::initializer_list<std::string_view> parts) {
    return line_after(milliseconds{3'000}, parts);
  }
  std::string line_after(milliseconds time, std::initializer_list<std::string_view> parts) {
    log.lines.clear();
    advance(time);
    const auto found = log.with(parts);
    REQUIRE(found.size() == 1);
    return found[0];
  }
  /// As the partition's leader tells it now.
  void tell_end(core::partition_figures& of, std::int64_t end) {
    of.end.set(end);
    of.end_told_ms.set(std::chrono::duration_cast<milliseconds>(now().time_since_epoch()).count());
  }
  std::size_t unprocessed() { return log.with({"records come and none is processed"}).size(); }
  static bool has(const std::string& text, std::string_view part) {
    return (text + " ").find(" " + std::string(part) + " ") != std::string::npos;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture,
                  "each interval there is one line for each actor and one for the process") {
  open(0);
  advance(milliseconds{20'000});
  for (const auto* actor : {"partition_consumer", "transformer", "producer", "error_router",
                            "summary", "group_consumer", "process"})
    CHECK(log.with({"metrics actor=" + std::string(actor) + " "}).size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a partition's line has its totals, its rate and its lag") {
  const auto partition = open(3);
  partition->records.add(5000);
  partition->bytes.add(70'000);
  partition->in_flight.set(12);
  partition->position.set(5000);
  partition->committed.set(4988);
  partition->held_back.set(3);
  partition->oldest_timestamp_ms.set(now_ms - 2500);
  partition->blocked.add(20);
  advance(milliseconds{7'000});
  tell_end(*partition, 6000);
  const auto text = last_line({"actor=partition_consumer"});
  for (const auto* part : {"partition=3", "records=5000", "records_per_s=500.000", "bytes=70000",
                           "in_flight=12", "position=5000", "committed=4988", "lag_records=1012",
                           "lag_s=2.500", "held_back=3", "blocked=20", "blocked_per_s=2.000"})
    CHECK(has(text, part));
}

TEST_CASE_FIXTURE(fixture,
                  "what is read and not committed is lag: a partition that is stuck has it") {
  const auto partition = open(3);
  partition->records.add(556);
  partition->position.set(104'380);
  partition->committed.set(103'824);
  advance(milliseconds{7'000});
  tell_end(*partition, 104'380);
  const auto text = last_line({"actor=partition_consumer"});
  CHECK(has(text, "lag_records=556"));
  CHECK(log.with({"actor=process", "lag_records=556 "}).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "where nothing is committed the lag counts from the first record read") {
  const auto partition = open(3);
  partition->first_read.set(40);
  partition->position.set(60);
  advance(milliseconds{7'000});
  tell_end(*partition, 100);
  CHECK(has(last_line({"actor=partition_consumer"}), "lag_records=60"));
}

TEST_CASE_FIXTURE(fixture, "offsets without records behind the last one committed are no lag") {
  const auto partition = open(3);
  partition->position.set(7);
  partition->empty_from.set(5);
  partition->empty_to.set(7);
  partition->oldest_timestamp_ms.set(1);
  advance(milliseconds{7'000});
  partition->committed.set(5);
  tell_end(*partition, 7);
  auto text = last_line({"actor=partition_consumer"});
  CHECK(has(text, "lag_records=0"));
  CHECK(has(text, "lag_s=0.000"));
  advance(milliseconds{7'000});
  partition->committed.set(4);
  tell_end(*partition, 7);
  CHECK(has(last_line({"actor=partition_consumer"}), "lag_records=3"));
}

TEST_CASE_FIXTURE(fixture, "an end told 5 s ago is none any more, and so is the lag of all") {
  const auto partition = open(3);
  const auto other = open(4);
  for (const auto& of : {partition, other}) of->committed.set(10);
  advance(milliseconds{5'000});
  tell_end(*partition, 10);
  advance(milliseconds{1});
  tell_end(*other, 10);
  log.lines.clear();
  advance(milliseconds{4'999});
  CHECK(has(log.with({"partition=3 "}).at(0), "lag_records=none"));
  CHECK(has(log.with({"partition=3 "}).at(0), "lag_s=none"));
  CHECK(has(log.with({"partition=4 "}).at(0), "lag_records=0"));
  CHECK(has(log.with({"actor=process"}).at(0), "lag_records=none"));
}

TEST_CASE_FIXTURE(fixture, "without partitions there is no lag to be known") {
  CHECK(has(line({"actor=process"}), "lag_records=none"));
}

TEST_CASE_FIXTURE(fixture, "what is unknown is none") {
  open(3);
  const auto text = line({"actor=partition_consumer"});
  for (const auto* part : {"position=none", "committed=none", "lag_records=none", "lag_s=none"})
    CHECK(has(text, part));
}

TEST_CASE_FIXTURE(fixture, "above 64 partitions the 16 with most lag have lines, the rest one") {
  std::vector<std::shared_ptr<core::partition_figures>> partitions;
  for (std::int32_t i = 0; i < 65; ++i) {
    const auto partition = partitions.emplace_back(open(i));
    partition->records.add(1);
    partition->committed.set(100 - i);
    partition->position.set(100);  // All is read, and nothing of it is finished.
  }
  advance(milliseconds{7'000});
  for (const auto& partition : partitions) tell_end(*partition, 100);
  const auto rest = last_line({"partition=others"});
  CHECK(has(rest, "partitions=49"));
  CHECK(has(rest, "records=49"));
  CHECK(has(rest, "lag_records=1176"));  // 0 + ... + 48
  CHECK(log.with({"actor=partition_consumer"}).size() == 17);
  CHECK(log.with({"partition=49 "}).size() == 1);
  CHECK(log.with({"partition=48 "}).empty());
}

TEST_CASE_FIXTURE(fixture,
                  "where no end is known those with most read and not committed have lines") {
  for (std::int32_t i = 0; i < 65; ++i) {
    const auto partition = open(i);
    partition->committed.set(100 - i);
    partition->position.set(100);
  }
  const auto rest = line({"partition=others"});
  CHECK(has(rest, "lag_records=none"));
  CHECK(log.with({"partition=64 "}).size() == 1);
  CHECK(log.with({"partition=48 "}).empty());
}

TEST_CASE_FIXTURE(fixture, "exactly 64 partitions have a line each") {
  for (std::int32_t i = 0; i < 64; ++i) open(i);
  advance(milliseconds{10'000});
  CHECK(log.with({"actor=partition_consumer"}).size() == 64);
  CHECK(log.with({"partition=others"}).empty());
}

TEST_CASE_FIXTURE(fixture, "a partition that was given back has no line any more") {
  open(3);
  send(reporter, partition_closed{{3, 1}});
  advance(milliseconds{10'000});
  CHECK(log.with({"actor=partition_consumer"}).empty());
}

TEST_CASE_FIXTURE(fixture, "busy is the share of the interval, records both a total and a rate") {
  figures->transformers[0]->busy_us.add(4'000'000);
  figures->transformers[0]->records.add(100);
  CHECK(has(line({"actor=transformer"}), "busy=0.400"));
  figures->transformers[0]->busy_us.add(10'000'000);
  figures->transformers[0]->records.add(50);
  const auto text = line({"actor=transformer"});
  CHECK(has(text, "busy=1.000"));
  CHECK(has(text, "records=150"));
  CHECK(has(text, "records_per_s=5.000"));
}

TEST_CASE_FIXTURE(fixture, "acknowledgement latencies are those of the interval") {
  auto& latencies = figures->producers[0]->acknowledgement;
  latencies.record(1'000'000, 500);
  CHECK_FALSE(has(line({"actor=producer"}), "ack_ms_p50=none"));
  latencies.record(1000, 99);
  latencies.record(50'000, 10);
  const auto text = line({"actor=producer"});
  CHECK(has(text, "ack_ms_p50=1.024"));
  CHECK(has(text, "ack_ms_p99=57.344"));
  CHECK(has(line({"actor=producer"}), "ack_ms_p99=none"));
}

TEST_CASE_FIXTURE(fixture,
                  "the producer's line counts transactions and the time of their commits") {
  auto& f = *figures->producers[0];
  CHECK(has(line({"actor=producer"}), "transactions=0 aborted=0 commit_ms_p50=none"));
  f.commits.add(20);
  f.aborts.add(1);
  f.commit.record(50'000, 20);
  CHECK(has(line({"actor=producer"}), "transactions=20 aborted=1 commit_ms_p50=57.344"));
  CHECK(has(line({"actor=producer"}), "commit_ms_p50=none"));
}

TEST_CASE_FIXTURE(fixture, "the error router's line names the reasons that occurred") {
  CHECK(has(line({"actor=error_router"}), "reasons=none"));
  auto& by_reason = figures->error_router->by_reason;
  by_reason[static_cast<std::size_t>(core::reason::missing_fields)].add(12);
  by_reason[static_cast<std::size_t>(core::reason::tombstone)].add(3);
  const auto text = line({"actor=error_router"});
  CHECK(has(text, "errors=15"));
  CHECK(has(text, "reasons=tombstone:3,missing_fields:12"));
}

TEST_CASE_FIXTURE(fixture, "the process has its rate, CPU share, memory and uptime") {
  figures->summary->received.add(10'000);
  process.cpu_us = 15'000'000;
  const auto text = line({"actor=process"});
  for (const auto* part : {"records_per_s=1000.000", "cpu=1.500", "rss_mib=3.000", "uptime_s=10"})
    CHECK(has(text, part));
}

TEST_CASE_FIXTURE(fixture, "records that are all filtered for ten seconds are told of once") {
  auto& f = *figures->summary;
  f.filtered.add(1);
  advance(milliseconds{10'995});
  CHECK(unprocessed() == 0);
  f.filtered.add(4);
  advance(milliseconds{30'000});
  CHECK(unprocessed() == 1);
  CHECK(log.with({"none is processed filtered=5 refused=0", "mostly=filtered_app_version",
                  "option=filter.keep, filter.drop"})
            .size() == 1);
  f.filtered.add(1000);
  advance(milliseconds{30'000});
  CHECK(unprocessed() == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "another reason is told of too, and the same again after one processed") {
  auto& f = *figures->summary;
  const auto refuse = [this](core::reason reason) {
    figures->error_router->by_reason[static_cast<std::size_t>(reason)].add(100);
    advance(milliseconds{12'000});
  };
  refuse(core::reason::missing_fields);
  CHECK(log.with({"mostly=missing_fields option=fields.<path>.default"}).size() == 1);
  refuse(core::reason::invalid_json);
  CHECK(log.with({"mostly=invalid_json option=none"}).size() == 1);
  refuse(core::reason::missing_fields);
  CHECK(unprocessed() == 2);
  f.processed.add(1);
  advance(milliseconds{1'000});
  refuse(core::reason::missing_fields);
  CHECK(unprocessed() == 3);
}

TEST_CASE_FIXTURE(fixture,
                  "where some are processed, ten others in a row must come to be told of") {
  auto& f = *figures->summary;
  f.processed.add(1);
  advance(milliseconds{1'000});
  f.filtered.add(9);
  advance(milliseconds{60'000});
  CHECK(unprocessed() == 0);
  f.filtered.add(1);
  advance(milliseconds{1'000});
  CHECK(unprocessed() == 1);
}

TEST_CASE_FIXTURE(fixture, "a last report does not wait for the interval") {
  send(reporter, report_last{});
  CHECK(log.with({"actor=process", "records_per_s=0.000"}).size() == 1);
}

TEST_CASE("this process has used CPU time and memory") {
  const auto stats = core::read_process_stats();
  CHECK(stats.cpu_us > 0);
  CHECK(stats.rss_bytes > 1024 * 1024);
}
