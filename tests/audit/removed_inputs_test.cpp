#include "audit/removed_inputs.hpp"

#include <doctest/doctest.h>

namespace turnstile::audit {
namespace {

constexpr auto chunk = static_cast<std::int64_t>(removed_inputs::chunk_offsets);
using ranges = std::vector<offset_range>;

}  // namespace

TEST_CASE("what has an output or is in a summary is told, all else is not") {
  removed_inputs removed;
  CHECK(removed.untold_in({0, 10}).ranges == ranges{{0, 10}});
  removed.add_output(3);
  removed.add_output(4);
  removed.add_cover({6, 8});
  CHECK(removed.untold_in({0, 10}).ranges == ranges{{0, 3}, {5, 6}, {8, 10}});
  CHECK(removed.untold_in({0, 10}).count == 6);
  CHECK(removed.untold_in({4, 8}).count == 1);
  CHECK(removed.untold_in({8, 8}).count == 0);
  CHECK(removed.untold_in({9, 2}).count == 0);
}

TEST_CASE("it makes no difference where chunks begin, or how far they are apart") {
  removed_inputs removed;
  for (const std::int64_t at : {chunk - 1, chunk, 5 * chunk, 5 * chunk + 1}) removed.add_output(at);
  const auto found = removed.untold_in({chunk - 2, 9 * chunk});
  CHECK(found.ranges ==
        ranges{{chunk - 2, chunk - 1}, {chunk + 1, 5 * chunk}, {5 * chunk + 2, 9 * chunk}});
  CHECK(removed.untold_in({2 * chunk, 3 * chunk}).count == chunk);
  CHECK(removed.untold_in({5 * chunk, 5 * chunk + 2}).count == 0);
}

TEST_CASE("the ranges are bounded, the count is of all") {
  removed_inputs removed;
  for (std::int64_t at = 0; at < 6000; at += 2) removed.add_output(at);
  const auto found = removed.untold_in({0, 6000});
  CHECK(found.count == 3000);
  CHECK(found.ranges.size() == removed_inputs::ranges_max);
}

TEST_CASE("outputs that there is no room for are untold, never fine") {
  removed_inputs removed;
  const auto last = static_cast<std::int64_t>(removed_inputs::chunks_max);
  for (std::int64_t n = 0; n <= last; ++n) removed.add_output(n * chunk);
  CHECK(removed.untold_in({(last - 1) * chunk, (last - 1) * chunk + 1}).count == 0);
  CHECK(removed.untold_in({last * chunk, last * chunk + 1}).count == 1);
}

}  // namespace turnstile::audit
