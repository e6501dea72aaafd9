#include "audit/origin.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace turnstile::audit {

TEST_CASE("an origin is topic, partition and offset") {
  const auto origin = parse_origin("a/b/3/17");
  REQUIRE(origin);
  CHECK(origin->topic == "a/b");
  CHECK(origin->partition == 3);
  CHECK(origin->offset == 17);
  for (const auto* bad : {"", "a", "a/1", "/1/2", "a/x/2", "a/1/", "a/1/-2", "a/1/2x", "a//2"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_origin(bad));
  }
}

TEST_CASE("a header counts only where it is there once; null counts as empty") {
  const std::vector<core::header_view> headers{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"n", {}}};
  CHECK(only_header(headers, "b") == "2");
  CHECK(only_header(headers, "n") == "");
  CHECK_FALSE(only_header(headers, "a"));
  CHECK_FALSE(only_header(headers, "c"));
}

}  // namespace turnstile::audit
