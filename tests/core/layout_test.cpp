#include "core/layout.hpp"

#include <doctest/doctest.h>

namespace turnstile::core {
namespace {

TEST_CASE("a layout has shrunk where one of its topics has fewer partitions") {
  topic_layout before;
  before.partitions = {6, 6, 6, 1};
  topic_layout now = before;
  CHECK(!has_shrunk(now, before));
  now.partitions = {8, 6, 6, 3};
  CHECK(!has_shrunk(now, before));
  now.partitions = {8, 5, 6, 3};
  CHECK(has_shrunk(now, before));
}

TEST_CASE("a timestamp is refused for certain a clock's margin beyond its bound, not before") {
  constexpr std::int64_t now = 1'729'894'460'000;
  record_rules rules;
  rules.timestamp_after_max_ms = 3'600'000;
  rules.timestamp_before_max_ms = 7'200'000;
  const std::int64_t ahead = now + 3'600'000 + record_rules::clock_margin_ms;
  CHECK(!rules.refuse_timestamp(ahead, now));
  CHECK(rules.refuse_timestamp(ahead + 1, now));
  const std::int64_t behind = now - 7'200'000 - record_rules::clock_margin_ms;
  CHECK(!rules.refuse_timestamp(behind, now));
  CHECK(rules.refuse_timestamp(behind - 1, now));
  CHECK(!rules.refuse_timestamp(-1, now));
  CHECK(!record_rules{}.refuse_timestamp(0, now));
  CHECK(!record_rules{}.refuse_timestamp(std::numeric_limits<std::int64_t>::max(), now));
}

}  // namespace
}  // namespace turnstile::core
