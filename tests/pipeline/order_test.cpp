// Order within a source partition, although a whole pool works on it.
#include <chrono>

#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"
#include "tests/pipeline/hooked_transform.hpp"

namespace turnstile::tests {
namespace {

/// Every third batch or so is slow, so that later ones overtake it in the pool.
void take_uneven_time(const core::record_view& in) {
  if (in.offset / 7 % 3 != 0) return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(300);
  while (std::chrono::steady_clock::now() < end) {
  }
}

const prepared_worker worker{{.name = "order",
                              .adjust =
                                  [](core::settings& s) {
                                    s.workers.transformers = 4;
                                    s.batch.records_max = 7;
                                  },
                              .engine = {.make_transform = hooked(take_uneven_time)}}};

TEST_CASE("four transformers on one partition keep its order") {
  constexpr std::size_t count = 2000;
  const auto out = worker->process(good_inputs(count));
  CHECK(origins_of(out.processed) == consecutive(0, count));
}

TEST_CASE("each topic keeps the order of the inputs that went to it") {
  const auto at = worker->committed() < 0 ? 0 : worker->committed();
  std::vector<input> inputs;
  std::vector<std::int64_t> kept, filtered, failed;
  for (std::int64_t i = 0; i < 300; ++i) {
    login_event event;
    if (i % 3 == 1) event.app_version = R"("1.0.0")";
    if (i % 3 == 2) event.locale = "";
    (i % 3 == 0 ? kept : i % 3 == 1 ? filtered : failed).push_back(at + i);
    inputs.push_back({.value = event.text()});
  }
  const auto out = worker->process(inputs);
  CHECK(origins_of(out.processed) == kept);
  CHECK(origins_of(out.cleaned) == filtered);
  CHECK(origins_of(out.errors) == failed);
}

}  // namespace
}  // namespace turnstile::tests
