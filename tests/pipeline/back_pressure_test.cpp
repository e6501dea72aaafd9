// A broker that takes nothing while there is plenty to read: what is in flight stays within its
// bound, and everything goes on by itself afterwards.
#include "core/process_stats.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

constexpr std::int64_t credit_records = 1000;
constexpr std::int64_t rss_growth_max = 24LL * 1024 * 1024;

const prepared_worker worker{{.name = "back-pressure",
                              .partitions = 2,
                              .adjust = [](core::settings& s) { s.batch.records_max = 100; },
                              .engine = {.credit_records = credit_records},
                              .own_broker = true}};

std::int64_t in_flight() {
  const auto counts = worker->counts();
  return counts.transformed - counts.finished;
}

std::vector<input> inputs_of_both(std::size_t count) {
  auto inputs = good_inputs(count, 0);
  const auto others = good_inputs(count, 1);
  inputs.insert(inputs.end(), others.begin(), others.end());
  return inputs;
}

TEST_CASE("nothing more is read than credit allows while the broker takes nothing") {
  constexpr std::size_t count = 6000;
  worker->set_down(output_broker, true);
  worker->send(inputs_of_both(count));
  REQUIRE(eventually([] { return in_flight() == credit_records; }));
  const auto rss = core::read_process_stats().rss_bytes;
  // More input, and time in which more could be read.
  worker->send(inputs_of_both(count));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < deadline) {
    REQUIRE(in_flight() <= credit_records);
    REQUIRE(worker->counts().queued <= credit_records);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(in_flight() == credit_records);
  CHECK(worker->committed(0) <= 0);
#ifdef __SANITIZE_ADDRESS__
  // AddressSanitizer keeps freed memory for a while.
  static_cast<void>(rss);
#else
  CHECK(core::read_process_stats().rss_bytes - rss < rss_growth_max);
#endif

  worker->set_down(output_broker, false);
  worker->await_all_committed();
  const auto out = worker->read_new();
  for (const std::int32_t partition : {0, 1}) {
    std::vector<kept_record> records;
    for (const auto& record : out.processed)
      if (record.partition == partition) records.push_back(record);
    CHECK(origins_of(records) == consecutive(0, 2 * count));
  }
}

}  // namespace
}  // namespace turnstile::tests
