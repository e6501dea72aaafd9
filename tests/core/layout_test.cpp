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

}  // namespace
}  // namespace turnstile::core
