// Random numbers for property tests: repeatable by the environment variable TURNSTILE_SEED.
//
// One for each test case, on the test's thread. The seed is printed where the test fails.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace turnstile::tests {

class seeded_random {
public:
  seeded_random() : seeded_random(chosen_seed()) {}
  explicit seeded_random(std::uint64_t seed) : seed_(seed), engine_(seed) {}

  [[nodiscard]] std::string note() const { return "TURNSTILE_SEED=" + std::to_string(seed_); }

  /// From 0 to below `end`.
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_);
  }
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(engine_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  char one_of(std::string_view chars) { return chars[below(chars.size())]; }

private:
  static std::uint64_t chosen_seed() {
    const char* given = std::getenv("TURNSTILE_SEED");
    return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  }

  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace turnstile::tests
