// Runs the cases, then stops the workers that they shared: each must end cleanly.
//
// TURNSTILE_TEST_LOG names a file for all that the workers logged.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/pipeline/fleet.hpp"

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const int failed = context.run();
  if (const char* path = std::getenv("TURNSTILE_TEST_LOG")) {
    std::ofstream file(path);
    for (const auto& line : turnstile::tests::fleet_log().lines()) file << line << '\n';
  }
  const auto unclean = turnstile::tests::stop_fleet();
  for (const auto& name : unclean) std::printf("worker %s did not stop cleanly\n", name.c_str());
  return failed != 0 || !unclean.empty() ? 1 : 0;
}
