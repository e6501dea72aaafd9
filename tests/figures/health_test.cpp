#include "figures/health.hpp"

#include <algorithm>
#include <memory>

#include <doctest/doctest.h>

using namespace turnstile;

namespace {

constexpr std::int64_t now_ms = 1'000'000;

struct fixture {
  figures::registry all{2, 1};

  fixture() {
    all.worker->phase.set(core::worker_phase::running);
    all.group->membership.set(core::group_membership::joined);
    all.producers[0]->phase.set(core::producer_phase::sending);
  }
  [[nodiscard]] bool live(std::int64_t at_ms = now_ms) const {
    return figures::all_hold(figures::liveness(all, {.steady_ms = at_ms}));
  }
  [[nodiscard]] bool ready() const { return figures::all_hold(figures::readiness(all)); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an actor that has not moved for more than 30 s is not alive") {
  all.transformers[1]->life.seen_ms.set(now_ms - 30'000);
  CHECK(live());
  CHECK_FALSE(live(now_ms + 1));
  const auto text = figures::checks_text(figures::liveness(all, {.steady_ms = now_ms + 1}));
  CHECK(text.find("not transformer: transformer 1 has not moved for 30 s\n") != std::string::npos);
  CHECK(text.find("ok summary: moves\n") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "partitions are among those that must move, while they are assigned") {
  const auto one = std::make_shared<core::partition_figures>(core::partition_epoch{3, 1});
  one->life.seen_ms.set(1);
  all.open(one);
  CHECK_FALSE(live());
  all.close({3, 1});
  CHECK(live());
}

TEST_CASE_FIXTURE(fixture, "before there are actors and after their end all is alive") {
  CHECK(live());
  all.summary->life.seen_ms.set(1);
  CHECK_FALSE(live());
  all.worker->phase.set(core::worker_phase::ended);
  CHECK(live());
}

TEST_CASE_FIXTURE(fixture, "ready is who runs, has joined and can write, also without partitions") {
  CHECK(ready());
  all.producers[0]->phase.set(core::producer_phase::waiting);
  CHECK(ready());
  for (const auto phase : {core::producer_phase::opening, core::producer_phase::replacing,
                           core::producer_phase::fenced}) {
    all.producers[0]->phase.set(phase);
    CHECK_FALSE(ready());
  }
  all.producers[0]->phase.set(core::producer_phase::sending);
  all.group->membership.set(core::group_membership::joining);
  CHECK_FALSE(ready());
  CHECK(figures::checks_text(figures::readiness(all)).find("not group: joining, 0 partitions\n") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "in every phase but running a worker is not ready") {
  for (std::size_t i = 0; i < core::worker_phase_names.size(); ++i) {
    const auto phase = static_cast<core::worker_phase>(i);
    all.worker->phase.set(phase);
    CHECK(ready() == (phase == core::worker_phase::running));
  }
}
