#include "core/arena.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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

TEST_CASE("an arena that knows how much will be wanted holds no more") {
  arena memory;
  const std::size_t wanted = arena::chunk_bytes_max + 40'000;
  memory.expect(wanted);
  for (std::size_t i = 0; i < wanted / 500; ++i)
    static_cast<void>(memory.copy(std::string(500, 'x')));
  CHECK(memory.bytes_held() <= wanted + 500);
  static_cast<void>(memory.copy(std::string(2000, 'x')));
  CHECK(memory.bytes_held() > wanted + 500);
}

TEST_CASE("objects made in an arena are aligned, empty and apart, whatever lies before them") {
  arena memory;
  for (std::size_t bytes = 0; bytes < 2 * alignof(std::max_align_t); ++bytes) {
    const auto before = memory.copy(std::string(bytes, 'x'));
    const auto made = memory.make<std::string_view>(2);
    REQUIRE(made.size() == 2);
    CHECK(reinterpret_cast<std::uintptr_t>(made.data()) % alignof(std::string_view) == 0);
    CHECK(made[1].empty());
    made[0] = made[1] = "object";
    CHECK(before == std::string(bytes, 'x'));
    CHECK(memory.copy("next") == "next");
    CHECK(made[1] == "object");
  }
}

TEST_CASE("what was reserved and not committed is handed out again") {
  arena memory;
  const char* reserved = memory.reserve(100);
  static_cast<void>(memory.commit(10));
  CHECK(memory.reserve(50) == reserved + 10);
}
