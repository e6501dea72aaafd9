#include "kafka_io/tools/time_order.hpp"

#include <map>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::kafka_io {
namespace {

using order = time_order<int>;
using behind = std::map<order::place, int>;

const order::place p0{"a", 0};
const order::place p1{"a", 1};

std::vector<int> all_of(order& from, const behind& partitions) {
  std::vector<int> messages;
  while (const auto message = from.next(partitions)) messages.push_back(*message);
  return messages;
}

TEST_CASE("the oldest of all partitions comes first, and a partition keeps its order") {
  order held;
  held.add(p0, 1, 10, 1);
  held.add(p0, 2, 40, 1);
  held.add(p0, 3, 5, 1);
  held.add(p1, 4, 20, 1);
  CHECK(all_of(held, {}) == std::vector<int>{1, 4, 2, 3});
  CHECK(held.empty());
}

TEST_CASE("a partition that is behind is waited for, and one that is not, is not") {
  order held;
  held.add(p0, 1, 10, 1);
  CHECK(all_of(held, {{p0, 0}, {p1, 0}}).empty());
  held.add(p1, 2, 5, 1);
  CHECK(all_of(held, {{p0, 0}, {p1, 0}}) == std::vector<int>{2});
  // It has been emptied: an older one may come again.
  held.add(p1, 3, 7, 1);
  CHECK(all_of(held, {{p0, 0}, {p1, 0}}) == std::vector<int>{3});
  CHECK(all_of(held, {{p0, 0}}) == std::vector<int>{1});
}

TEST_CASE("beyond its limits it waits for nobody, at them it does") {
  for (const auto& limits : {order::limits{.messages_max = 2, .bytes_max = 1000},
                             order::limits{.messages_max = 1000, .bytes_max = 2}}) {
    order held{limits};
    held.add(p0, 1, 10, 1);
    held.add(p0, 2, 20, 1);
    CHECK(all_of(held, {{p1, 0}}).empty());
    held.add(p0, 3, 30, 1);
    CHECK(all_of(held, {{p1, 0}}) == std::vector<int>{1});
  }
}

}  // namespace
}  // namespace turnstile::kafka_io
