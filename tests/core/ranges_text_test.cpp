#include "core/ranges_text.hpp"

#include <doctest/doctest.h>

using turnstile::core::ranges_in_text_max;
using turnstile::core::ranges_text;

TEST_CASE("partitions that follow one another are one range, in whatever order they come") {
  CHECK(ranges_text({}).empty());
  CHECK(ranges_text({7}) == "7");
  CHECK(ranges_text({3, 1, 0, 2}) == "0-3");
  CHECK(ranges_text({12, 9, 0, 10, 11, 4, 5}) == "0,4-5,9-12");
}

TEST_CASE("beyond 32 ranges the further partitions are counted") {
  std::vector<std::int32_t> odd;
  for (std::size_t i = 0; i < ranges_in_text_max; ++i)
    odd.push_back(static_cast<std::int32_t>(2 * i + 1));
  const auto most = ranges_text(odd);
  CHECK(most.ends_with(",63"));
  odd.push_back(65);
  odd.push_back(66);
  CHECK(ranges_text(odd) == most + ",+2");
}
