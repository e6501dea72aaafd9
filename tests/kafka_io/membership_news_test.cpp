#include "kafka_io/worker/membership_news.hpp"

#include <doctest/doctest.h>

namespace turnstile::kafka_io {

TEST_CASE("a membership is told when it is new, and once") {
  membership_news news;
  CHECK(news.tell("a 1", false));
  CHECK_FALSE(news.tell("a 1", false));
  CHECK(news.tell("a 2", false));
}

TEST_CASE("a membership that was read before a rebalance is not told after it") {
  membership_news news;
  CHECK(news.tell("a 1", false));
  CHECK_FALSE(news.tell("a 2", true));
  CHECK(news.tell("a 2", false));
}

}  // namespace turnstile::kafka_io
