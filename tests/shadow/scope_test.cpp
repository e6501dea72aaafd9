// How a sample is shared out between partitions.
#include "app/shadow/scope.hpp"

#include <doctest/doctest.h>

namespace turnstile::shadow {

TEST_CASE("a sample takes alike of each partition, and of others where one has too few") {
  using counts = std::vector<std::int64_t>;
  CHECK(share_out(9, {100, 100, 100}) == counts{3, 3, 3});
  CHECK(share_out(10, {100, 2, 100}) == counts{4, 2, 4});
  CHECK(share_out(10, {0, 100}) == counts{0, 10});
  CHECK(share_out(10, {3, 4}) == counts{3, 4});
  CHECK(share_out(2, {5, 6, 7}) == counts{0, 1, 1});
  CHECK(share_out(5, {}) == counts{});
}

}  // namespace turnstile::shadow
