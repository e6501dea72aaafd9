#include "core/arena.hpp"

#include <string>

#include <doctest/doctest.h>

using turnstile::core::arena;

TEST_CASE("what an arena handed out stays where it is while the arena grows") {
  arena memory;
  const auto first = memory.copy("first");
  const std::string large(3 * arena::chunk_bytes_max, 'x');
  const auto second = memory.copy(large);
  CHECK(first == "first");
  CHECK(second == large);
}

TEST_CASE("an arena that holds one small record stays small") {
  arena memory;
  static_cast<void>(memory.copy(std::string(300, 'x')));
  CHECK(memory.bytes_held() == arena::chunk_bytes_min);
}

TEST_CASE("an arena that holds many records grows by its largest chunk at most") {
  arena memory;
  for (int i = 0; i < 1000; ++i) static_cast<void>(memory.copy(std::string(600, 'x')));
  CHECK(memory.bytes_held() >= 600'000);
  CHECK(memory.bytes_held() <= 600'000 + 2 * arena::chunk_bytes_max);
}

TEST_CASE("what was reserved and not committed is handed out again") {
  arena memory;
  const char* reserved = memory.reserve(100);
  static_cast<void>(memory.commit(10));
  CHECK(memory.reserve(50) == reserved + 10);
}
