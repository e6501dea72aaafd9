// What each seed must show: nothing lost, nothing out of order, no offset committed too early, and
// with exactly-once nothing twice.
//
//   TURNSTILE_SEED=N build/tests/simulation/simulation_test    that seed alone, again
//   TURNSTILE_SEEDS=N …                                        so many, from a random one on
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <random>

#include <doctest/doctest.h>

namespace turnstile::simulation {
namespace {

constexpr std::uint64_t seeds_by_default = 100;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

void check_seeds(core::guarantee guarantee, weather weather) {
  const bool one = std::getenv("TURNSTILE_SEED") != nullptr;
  const std::uint64_t first = number_from("TURNSTILE_SEED", std::random_device{}());
  const std::uint64_t count = one ? 1 : number_from("TURNSTILE_SEEDS", seeds_by_default);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    CAPTURE(seed);
    REQUIRE(simulation{seed, guarantee, weather}.run() == "");
  }
}

TEST_CASE("at-least-once, calm: partitions move and nothing is lost or repeated") {
  check_seeds(core::guarantee::at_least_once, weather::calm);
}

TEST_CASE("at-least-once, rough: nothing is lost, every repeat was counted as possible") {
  check_seeds(core::guarantee::at_least_once, weather::rough);
}

TEST_CASE("at-least-once, deadly: nothing is lost when workers are killed") {
  check_seeds(core::guarantee::at_least_once, weather::deadly);
}

TEST_CASE("exactly-once, calm: partitions move and nothing is lost or repeated") {
  check_seeds(core::guarantee::exactly_once, weather::calm);
}

TEST_CASE("exactly-once, rough: nothing is lost or repeated when requests fail") {
  check_seeds(core::guarantee::exactly_once, weather::rough);
}

TEST_CASE("exactly-once, deadly: nothing is lost or repeated when workers are killed") {
  check_seeds(core::guarantee::exactly_once, weather::deadly);
}

}  // namespace
}  // namespace turnstile::simulation
